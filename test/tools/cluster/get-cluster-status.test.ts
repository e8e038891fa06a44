import { expect, it } from "vitest";
import type { ClusterStatus } from "#src/proxmox/cluster-status.ts";
import { aGuest } from "#test/support/guests.ts";
import { aContext } from "#test/support/tool-context.ts";
import { getClusterStatus } from "#tools/cluster/get-cluster-status.ts";

const gibibyte = 1024 ** 3;

async function show(status: ClusterStatus) {
  const guests = [
    aGuest({ vmid: 101 }),
    aGuest({ vmid: 102, status: "stopped" }),
    aGuest({ vmid: 201, kind: "vm", status: "paused" }),
  ];
  const tool = getClusterStatus({
    cluster: { status: async () => status },
    guests: { list: async () => ({ guests, nameless: [] }) },
  });
  const plan = await tool.plan({}, aContext());
  const result = await plan.apply(aContext());
  return result.kind === "done" ? result.output : result;
}

it("shows quorum, nodes and how many guests are in which state", async () => {
  const nodes = [
    { name: "pve1", online: true, cpu: 0.256, memoryUsed: 3 * gibibyte, memoryTotal: 8 * gibibyte },
    { name: "pve2", online: false, uptime: 0 },
  ];

  expect(await show({ name: "home", quorate: false, version: "9.0.3", nodes })).toEqual({
    cluster: "home",
    quorate: false,
    version: "9.0.3",
    nodes: [
      { name: "pve1", online: true, cpuUsed: "26%", memoryUsed: "3 GiB", memory: "8 GiB" },
      { name: "pve2", online: false },
    ],
    guests: { ct: { running: 1, stopped: 1 }, vm: { running: 0, stopped: 0, paused: 1 } },
  });
});

it("calls a node without a cluster standalone", async () => {
  expect(await show({ quorate: true, version: "9.0.3", nodes: [] })).toMatchObject({
    cluster: "standalone",
  });
});
