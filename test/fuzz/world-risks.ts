import type { GuestRisk } from "#src/proxmox/guest-risk.ts";
import type { Random } from "#test/sim/random.ts";

const idle = { cpu: 0.001, network: 100, disk: 100 };
const loads = [
  ...[idle, idle, idle, idle],
  { ...idle, cpu: 0.9 },
  { ...idle, network: 5_000_000 },
  { ...idle, disk: 50_000_000 },
];
const rarely = 0.03;

/** What a change to a guest would put at risk. */
export function createRisk(random: Random, running: boolean): GuestRisk {
  const some = <T>(value: T): readonly T[] => (random.chance(rarely) ? [value] : []);
  return {
    status: running ? "running" : "stopped",
    ...(running && { load: random.pick(loads) }),
    lastBackup: random.chance(0.7) ? { at: 0 } : "none",
    replicas: some("pve2"),
    linkedClones: some(900),
    runningTasks: some("vzdump"),
    lackedPrivileges: some("VM.Allocate"),
  };
}

/** What can be read of it at this moment: sometimes nothing, sometimes not all. */
export function readableOf(risk: GuestRisk, random: Random): GuestRisk {
  if (random.chance(0.03)) return {};
  const known = Object.entries(risk).filter(() => !random.chance(0.03));
  return Object.fromEntries(known);
}
