import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createCluster } from "#src/proxmox/cluster.ts";
import type { ProxmoxClient } from "#src/proxmox/proxmox-client.ts";
import { clientOf, signal } from "#test/support/proxmox.ts";
import { type RunningSimulator, smallSeed, startSimulator } from "#test/support/simulator.ts";

let simulator: RunningSimulator;
let client: ProxmoxClient;

beforeEach(async () => {
  simulator = await startSimulator({ ...smallSeed, nodes: [{ name: "pve2" }, { name: "pve1" }] });
  client = clientOf(simulator);
});

afterEach(async () => {
  await client.close();
  await simulator.stop();
});

const status = () => createCluster({ client }).status(signal);

describe("the cluster's status", () => {
  it("has its name, version, quorum and nodes", async () => {
    expect(await status()).toMatchObject({
      name: "lab",
      quorate: true,
      version: "9.2.11",
      nodes: [
        { name: "pve1", online: true, memoryTotal: expect.any(Number) },
        { name: "pve2", online: true },
      ],
    });
  });

  it("shows a lost quorum and a node that is away", async () => {
    simulator.controls.quorum({ quorate: false });
    simulator.controls.node({ node: "pve1", online: false });
    const { quorate, nodes } = await status();
    expect(quorate).toBe(false);
    expect(nodes.map(({ name, online }) => [name, online])).toEqual([
      ["pve1", false],
      ["pve2", true],
    ]);
  });

  it("is always quorate on a node without a cluster", async () => {
    await using alone = await startSimulator(smallSeed);
    const single = clientOf(alone);
    const { name, quorate } = await createCluster({ client: single }).status(signal);
    expect([name, quorate]).toEqual([undefined, true]);
    await single.close();
  });
});
