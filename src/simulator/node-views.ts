import { stableMac, stableNumber } from "./identity.ts";
import { isShared } from "./storages.ts";
import type { SimulatedNode, Storage, World } from "./world.ts";

const gibibyte = 2 ** 30;
const nodeSize = { maxcpu: 16, maxmem: 64 * gibibyte, maxdisk: 250 * gibibyte };
const storageSize = 1000 * gibibyte;

/** A node in `cluster/resources` and in `nodes`; without the privilege its load is left out. */
export function nodeResource({ name, online }: SimulatedNode, withLoad: boolean) {
  return {
    id: `node/${name}`,
    type: "node",
    node: name,
    status: online ? "online" : "offline",
    level: "",
    "cgroup-mode": 2,
    ...(withLoad && online && loadOf(name)),
  };
}

/** A node in `nodes`. */
export function listedNode(node: SimulatedNode, withLoad: boolean) {
  const { "cgroup-mode": _, ...resource } = nodeResource(node, withLoad);
  return { ...resource, ssl_fingerprint: fingerprintOf(node.name) };
}

/** A node's own status. */
export function nodeStatus({ name }: SimulatedNode) {
  const { cpu, mem, maxmem, disk, maxdisk, maxcpu, uptime } = loadOf(name);
  return {
    pveversion: "pve-manager/9.2.11/14a22df3",
    kversion: "Linux 6.18.44-1-pve #1 SMP PREEMPT_DYNAMIC",
    "current-kernel": {
      sysname: "Linux",
      release: "6.18.44-1-pve",
      version: "#1 SMP PREEMPT_DYNAMIC",
      machine: "x86_64",
    },
    "boot-info": { mode: "efi" },
    cpu,
    wait: 0,
    idle: 0,
    loadavg: ["0.54", "1.03", "1.65"],
    ksm: { shared: 0 },
    uptime,
    cpuinfo: {
      model: "Simulated CPU",
      vendor: "Simulated",
      family: "6",
      mhz: "2600.000",
      user_hz: 100,
      hvm: "1",
      cpus: maxcpu,
      cores: maxcpu,
      sockets: 1,
    },
    memory: { total: maxmem, used: mem, free: maxmem - mem, available: maxmem - mem },
    rootfs: { total: maxdisk, used: disk, free: maxdisk - disk, avail: maxdisk - disk },
    swap: { total: 0, used: 0, free: 0 },
  };
}

/** A storage on one node, in `cluster/resources`. */
export function storageResource(world: World, storage: Storage, node: string) {
  return {
    id: `storage/${node}/${storage.id}`,
    type: "storage",
    storage: storage.id,
    node,
    status: world.nodes.get(node)?.online ? "available" : "unknown",
    content: storage.content.join(","),
    plugintype: storage.type,
    shared: isShared(storage) ? 1 : 0,
    disk: usedBytes(world, storage, node),
    maxdisk: storageSize,
  };
}

/** A storage in the list of a node. */
export function listedStorage(world: World, storage: Storage, node: string) {
  const used = usedBytes(world, storage, node);
  return {
    storage: storage.id,
    type: storage.type,
    content: storage.content.join(","),
    active: 1,
    enabled: 1,
    shared: isShared(storage) ? 1 : 0,
    total: storageSize,
    used,
    avail: storageSize - used,
    used_fraction: used / storageSize,
  };
}

function usedBytes(world: World, storage: Storage, node: string): number {
  return [...world.volumes.values()]
    .filter((volume) => volume.storage === storage.id)
    .filter((volume) => volume.node === undefined || volume.node === node)
    .reduce((sum, volume) => sum + volume.size, 0);
}

function loadOf(name: string) {
  const share = 0.1 + stableNumber(`${name}/load`, 40) / 100;
  return {
    ...nodeSize,
    cpu: share / 2,
    mem: Math.round(nodeSize.maxmem * share),
    disk: Math.round(nodeSize.maxdisk * share),
    uptime: 100_000 + stableNumber(`${name}/uptime`, 3_000_000),
  };
}

function fingerprintOf(name: string): string {
  return [0, 1, 2, 3, 4, 5]
    .map((part) => stableMac(`${name}/${part}`))
    .join(":")
    .slice(0, 95);
}
