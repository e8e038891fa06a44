import type { SeedInput } from "#src/simulator/seed.ts";

const nodeCount = 32;
const owners = ["alice", "bob", "carol"];
const tags = ["prod", "test", "dev", "web", "db"];

/** A cluster of `count` guests, spread over nodes, owners and tags, a quarter of them stopped. */
export function largeCluster(count: number): SeedInput {
  return {
    nodes: Array.from({ length: nodeCount }, (_, index) => ({ name: nodeName(index) })),
    storages: [{ id: "local", content: "rootdir,images,backup" }],
    guests: Array.from({ length: count }, (_, index) => ({
      vmid: 100 + index,
      kind: index % 3 === 0 ? "qemu" : "lxc",
      name: guestName(index),
      node: nodeName(index % nodeCount),
      status: index % 4 === 0 ? "stopped" : "running",
      tags: [pick(tags, index), `team-${index % 40}`],
      owner: pick(owners, index),
    })),
  };
}

/** The name of the guest in that place. */
export function guestName(index: number): string {
  return `guest-${String(index).padStart(5, "0")}`;
}

export function nodeName(index: number): string {
  return `pve${index + 1}`;
}

function pick(from: readonly string[], index: number): string {
  return from[index % from.length] ?? "";
}
