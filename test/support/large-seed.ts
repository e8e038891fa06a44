import type { SeedInput } from "#src/simulator/seed.ts";

const nodes = ["pve1", "pve2", "pve3", "pve4", "pve5"];
const purposes = ["web", "db", "ci", "dev", "cache"];

/** A cluster of that many guests, four containers to every machine, half of them running. */
export function largeSeed(count: number): SeedInput {
  return {
    nodes: nodes.map((name) => ({ name })),
    storages: [{ id: "local-lvm", content: "rootdir,images" }],
    guests: Array.from({ length: count }, (_, index) => largeGuest(index)),
  };
}

function largeGuest(index: number) {
  const purpose = purposes[index % purposes.length] ?? "web";
  return {
    vmid: 100 + index,
    kind: index % 5 === 4 ? ("qemu" as const) : ("lxc" as const),
    name: `${purpose}-${String(index).padStart(5, "0")}`,
    node: nodes[index % nodes.length] ?? "pve1",
    status: index % 2 === 0 ? ("running" as const) : ("stopped" as const),
    tags: [purpose],
    owner: index % 3 === 0 ? "alice" : "bob",
    memory: 1024,
    disks: [8],
  };
}
