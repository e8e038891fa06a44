import { usageOf } from "./collector.ts";
import { bytesOf, disksOf } from "./guest-config.ts";
import { stableNumber } from "./identity.ts";
import type { Simulation } from "./simulation.ts";
import { nameOf, type SimulatedGuest } from "./world.ts";

type Fields = Readonly<Record<string, unknown>>;

/** A guest in `cluster/resources`: which and where it is live, how it is as last collected. */
export function resourceOf({ world, collector, ha }: Simulation, guest: SimulatedGuest): Fields {
  const { vmid, kind, node, config, pool } = guest;
  const resource = ha.resourceOf(kind, vmid);
  const live = {
    id: `${kind}/${vmid}`,
    type: kind,
    vmid,
    node,
    ...(config.tags !== undefined && { tags: config.tags }),
    ...(config.lock !== undefined && { lock: config.lock }),
    ...(pool !== undefined && { pool }),
    ...(resource && { hastate: resource.state ?? "queued" }),
  };
  const collected = collector.guest(vmid);
  if (!collected || !world.nodes.has(node)) return { ...live, status: "unknown" };
  const { name, status, template, uptime, cpu, memory } = collected;
  return {
    ...live,
    ...sizeOf(guest),
    ...traffic,
    name,
    status,
    template,
    uptime,
    cpu,
    mem: memory,
  };
}

/** A guest in the list of its node, and most of its current status: live. */
export function listedGuest({ now }: Simulation, guest: SimulatedGuest): Fields {
  const { vmid, kind, config, status, startedAt } = guest;
  const running = status !== "stopped";
  const { maxcpu, ...size } = sizeOf(guest);
  const usage = usageOf(vmid, size.maxmem, running);
  return {
    vmid,
    name: nameOf(guest),
    status: running ? "running" : "stopped",
    uptime: running ? Math.floor((now() - startedAt) / 1000) : 0,
    cpus: maxcpu,
    ...size,
    ...traffic,
    cpu: usage.cpu,
    mem: usage.memory,
    ...(kind === "lxc"
      ? { type: "lxc", swap: 0, maxswap: Number(config.swap ?? 512) * 2 ** 20 }
      : { memhost: usage.memory }),
    ...(running && { pid: 200 + stableNumber(`${vmid}/${startedAt}`, 30_000), ...pressure(kind) }),
    ...(config.tags !== undefined && { tags: config.tags }),
    ...(config.lock !== undefined && { lock: config.lock }),
    ...(config.template === 1 && { template: 1 }),
  };
}

/** A guest's `status/current`. */
export function currentStatus(simulation: Simulation, guest: SimulatedGuest): Fields {
  const { vmid, kind, config, status } = guest;
  const resource = simulation.ha.resourceOf(kind, vmid);
  const running = status !== "stopped";
  return {
    ...listedGuest(simulation, guest),
    ha: resource ? { managed: 1, state: resource.state ?? null } : { managed: 0 },
    ...(kind === "qemu" && {
      qmpstatus: status,
      ...(String(config.agent ?? "0").startsWith("1") && { agent: 1 }),
      ...(running && { nics: { [`tap${vmid}i0`]: { netin: 0, netout: 0 } } }),
    }),
  };
}

const traffic = { netin: 0, netout: 0, diskread: 0, diskwrite: 0 };

const minute = 60;

/** A guest's `rrddata` of the last hour: averages over a minute each, the last not collected yet. */
export function loadHistory({ now }: Simulation, guest: SimulatedGuest): readonly Fields[] {
  const { vmid, status, startedAt } = guest;
  const { maxcpu, maxmem, maxdisk } = sizeOf(guest);
  const end = Math.floor(now() / 1000 / minute) * minute;
  const average = (time: number) => {
    if (status === "stopped" || time * 1000 < startedAt) return {};
    const { cpu, memory } = usageOf(vmid, maxmem, true);
    return { cpu, mem: memory, ...ratesOf(vmid) };
  };
  return Array.from({ length: 60 }, (_, index) => {
    const time = end - (59 - index) * minute;
    return { time, ...(index < 59 && { maxcpu, maxmem, maxdisk, ...average(time) }) };
  });
}

/** Bytes a second, the same whenever one looks. */
function ratesOf(vmid: number) {
  const rate = (name: string) => stableNumber(`${vmid}/${name}`, 200_000) / 8;
  return {
    netin: rate("netin"),
    netout: rate("netout"),
    diskread: rate("diskread"),
    diskwrite: rate("diskwrite"),
  };
}

function sizeOf(guest: SimulatedGuest) {
  const [root] = disksOf(guest.config);
  const maxdisk = root ? bytesOf(root.size) : 0;
  const used = guest.kind === "lxc" && guest.status !== "stopped";
  return {
    maxcpu: Number(guest.config.cores ?? 1),
    maxmem: Number(guest.config.memory) * 2 ** 20,
    maxdisk,
    disk: used ? Math.round(maxdisk / 3) : 0,
    memhost: 0,
  };
}

/** Proxmox writes these as text for containers and as numbers for virtual machines. */
function pressure(kind: SimulatedGuest["kind"]): Fields {
  const value = kind === "lxc" ? "0.00" : 0;
  const names = ["cpu", "io", "memory"].flatMap((what) => [`${what}some`, `${what}full`]);
  return Object.fromEntries(names.map((name) => [`pressure${name}`, value]));
}
