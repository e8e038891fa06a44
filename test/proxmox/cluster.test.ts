import { describe, expect, it } from "vitest";
import { createCluster } from "#src/proxmox/cluster.ts";
import { useCluster } from "#test/support/cluster.ts";
import { clientOf, signal } from "#test/support/proxmox.ts";
import { smallSeed, startSimulator } from "#test/support/simulator.ts";

const cluster = useCluster({ ...smallSeed, nodes: [{ name: "pve2" }, { name: "pve1" }] });
const status = () => createCluster(cluster).status(signal);

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
    cluster.controls.quorum({ quorate: false });
    cluster.controls.node({ node: "pve1", online: false });
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
