import { once } from "node:events";
import { createServer, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { silentLogger as log } from "#src/log.ts";
import { createProxmoxClient } from "#src/proxmox/proxmox-client.ts";
import { nothing } from "#src/proxmox/responses.ts";
import { errorOf, signal } from "#test/support/proxmox.ts";

const config = "/nodes/pve1/lxc/101/config";

/** A client of a server that answers in its own way, and how often it was asked. */
async function clientOfServer(answer: (response: ServerResponse) => void, total = 60_000) {
  let asked = 0;
  const listener: RequestListener = (_, response) => {
    asked++;
    answer(response);
  };
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = createProxmoxClient({
    endpoints: [`http://127.0.0.1:${(server.address() as AddressInfo).port}`],
    tokenId: "agent@pve!main",
    tokenSecret: "secret",
    tls: { kind: "system" },
    log,
    timeouts: { total },
  });
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await client.close();
  });
  return { client, asked: () => asked };
}

/** Is never silent for long, and never done. */
function drip(response: ServerResponse): void {
  response.writeHead(200);
  const dripping = setInterval(() => response.write(" "), 5);
  response.on("close", () => clearInterval(dripping));
}

describe("an answer that comes a byte at a time", () => {
  it("ends a read in the end, which is not tried again", async () => {
    const { client, asked } = await clientOfServer(drip, 100);

    const error = await errorOf(client.get(config, nothing, { signal }));

    expect(error).toMatchObject({ kind: "node-unreachable" });
    expect(error.message).toContain("timed out");
    // On a busy machine the time may be up before the request was sent.
    expect(asked()).toBeLessThanOrEqual(1);
  });

  it("leaves open what a write did, and does not hold it for ever", async () => {
    const { client, asked } = await clientOfServer(drip, 100);

    const error = await errorOf(client.post(config, nothing, { signal }));

    expect(error.kind).toBe("outcome-unknown");
    expect(asked()).toBeLessThanOrEqual(1);
  });

  it("is still left at once by whoever stops waiting", async () => {
    const { client } = await clientOfServer(drip);

    const reading = client.get(config, nothing, { signal: AbortSignal.timeout(30) });

    await expect(reading).rejects.toMatchObject({ name: "TimeoutError" });
  });
});

describe("an answer that is larger than any cluster's", () => {
  const flood = (response: ServerResponse) => {
    response.writeHead(200).end(`{"data":"${"x".repeat(33 * 1024 * 1024)}"}`);
  };

  it("is not read to its end, and asked for once", async () => {
    const { client, asked } = await clientOfServer(flood);

    const error = await errorOf(client.get(config, nothing, { signal }));

    expect(error.message).toContain("an answer that Proxmox VE does not give");
    expect(asked()).toBe(1);
  });

  it("leaves open what a write did", async () => {
    const { client } = await clientOfServer(flood);

    const error = await errorOf(client.put(config, nothing, { signal }));

    expect(error.kind).toBe("outcome-unknown");
  });
});
