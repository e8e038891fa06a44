import { X509Certificate } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nothing, version } from "#src/proxmox/responses.ts";
import type { TlsTrust } from "#src/proxmox/tls.ts";
import { createCertificate } from "#src/simulator/certificate.ts";
import { clientOf, errorOf, signal } from "#test/support/proxmox.ts";
import { type RunningSimulator, smallSeed, startSimulator } from "#test/support/simulator.ts";

let simulator: RunningSimulator;
let pem: string;
let fingerprint: string;

beforeAll(async () => {
  simulator = await startSimulator(smallSeed, { tls: true });
  pem = simulator.ca ?? "";
  fingerprint = new X509Certificate(pem).fingerprint256;
});

afterAll(() => simulator.stop());

async function call(tls: TlsTrust) {
  const client = clientOf(simulator, { tls });
  try {
    return await client.get("/version", version, { signal });
  } finally {
    await client.close();
  }
}

describe("the server's certificate", () => {
  it("is accepted by its authority", async () => {
    expect(await call({ kind: "ca", pem })).toMatchObject({ version: "9.2.11" });
  });

  it("is accepted by its fingerprint, however that is written", async () => {
    expect(await call({ kind: "fingerprint", sha256: fingerprint })).toBeDefined();
    const bare = fingerprint.replaceAll(":", "").toLowerCase();
    expect(await call({ kind: "fingerprint", sha256: bare })).toBeDefined();
  });

  it("is not looked at where that is switched off", async () => {
    expect(await call({ kind: "insecure" })).toBeDefined();
  });

  it.each<[string, () => Promise<TlsTrust>]>([
    ["the system's authorities", async () => ({ kind: "system" })],
    ["another authority", async () => ({ kind: "ca", pem: (await createCertificate()).cert })],
    [
      "another fingerprint",
      async () => ({ kind: "fingerprint", sha256: fingerprint.replace(/^../, "00") }),
    ],
    ["a part of its fingerprint", async () => ({ kind: "fingerprint", sha256: "" })],
  ])("is refused by %s, before the token is sent", async (name, trust) => {
    simulator.controls.clearJournal();
    const error = await errorOf(call(await trust()));
    expect(error.kind).toBe("bad-certificate");
    expect(error.message).toContain("PROXMOX_CA_FILE");
    const pinned = "another certificate than the one in PROXMOX_TLS_FINGERPRINT";
    if (name.includes("fingerprint")) expect(error.message).toContain(pinned);
    expect(simulator.controls.journal()).toEqual([]);
  });

  it("is checked before a write as well", async () => {
    const client = clientOf(simulator);
    const error = await errorOf(
      client.post("/nodes/pve1/lxc/101/status/stop", nothing, { signal }),
    );
    expect(error.kind).toBe("bad-certificate");
    await client.close();
  });
});
