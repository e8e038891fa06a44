import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Proxmox } from "#src/proxmox/proxmox.ts";
import type { ProxmoxClient } from "#src/proxmox/proxmox-client.ts";
import { nothing } from "#src/proxmox/responses.ts";
import { backUp, clientOf, identityOf, proxmoxOf, signal } from "#test/support/proxmox.ts";
import { type RunningSimulator, startSimulator } from "#test/support/simulator.ts";

const runner = { vmid: 103, kind: "ct", node: "pve1" } as const;

let simulator: RunningSimulator;
let client: ProxmoxClient;
let proxmox: Proxmox;

async function start(content: string) {
  simulator = await startSimulator({
    nodes: [{ name: "pve1" }],
    storages: [
      { id: "local-lvm", content: "rootdir,images" },
      { id: "backups", content },
    ],
    guests: [{ vmid: 103, kind: "lxc", name: "runner", node: "pve1", status: "stopped" }],
  });
  client = clientOf(simulator, { ...simulator.root });
  proxmox = proxmoxOf(simulator, client);
}

beforeEach(() => start("backup"));
afterEach(async () => {
  await client.close();
  await simulator.stop();
});

describe("what would bring a guest back", () => {
  it("is nothing where it has neither snapshot nor backup", async () => {
    expect(await proxmox.safeguards.read(runner, signal)).toEqual({
      snapshots: [],
      lastBackup: "none",
    });
  });

  it("is its snapshots, without the present state that Proxmox lists among them", async () => {
    const parameters = { snapname: "before-upgrade" };
    await client.post("/nodes/pve1/lxc/103/snapshot", nothing, { parameters, signal });

    await expect
      .poll(async () => (await proxmox.safeguards.read(runner, signal)).snapshots)
      .toEqual(["before-upgrade"]);
  });

  it("is its newest backup", async () => {
    const guest = identityOf(await proxmox.guests.find("103", signal));
    const backup = await backUp(proxmox, guest, "backups");

    const { lastBackup } = await proxmox.safeguards.read(runner, signal);

    expect(lastBackup).toBe(backup.createdAt);
  });

  it("is not known to be no backup where no storage for backups can be seen", async () => {
    await client.close();
    await simulator.stop();
    await start("iso");

    expect(await proxmox.safeguards.read(runner, signal)).toEqual({ snapshots: [] });
  });

  it("says what it can where something cannot be read", async () => {
    simulator.controls.fault({
      method: "GET",
      path: "/nodes/pve1/lxc/103/snapshot",
      action: { kind: "answer", status: 500 },
    });

    expect(await proxmox.safeguards.read(runner, signal)).toEqual({ lastBackup: "none" });
  });
});
