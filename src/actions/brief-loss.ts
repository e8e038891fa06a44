import type { GuestDisk } from "#src/proxmox/guest.ts";
import type { GuestRisk } from "#src/proxmox/guest-risk.ts";
import {
  describeBackup,
  describeFinality,
  describeUse,
  type Loss,
  type Notation,
  nameUnknown,
} from "./blast-radius.ts";

/**
 * What deleting one of several guests destroys and touches, in a few sentences: how many, where the
 * lines on a single guest say which. Of what is not known it says so.
 */
export function describeBriefLoss(loss: Loss, notation: Notation): string {
  const { risk } = loss;
  const unknown = nameUnknown(risk);
  const touched = describeTouched(risk);
  return [
    `In use: ${describeUse(risk)}`,
    `Lost: ${describeDisks(risk.disks)}, ${describeSnapshots(risk.snapshots)}.`,
    `Last backup: ${describeBackup(loss, notation)}`,
    ...(touched.length > 0 ? [`Also: ${touched.join(", ")}.`] : []),
    ...(unknown.length > 0 ? [`Not known: ${unknown.join(", ")}.`] : []),
    `Cannot be undone: ${describeFinality(loss)}`,
  ].join(" ");
}

function describeDisks(disks: readonly GuestDisk[] | undefined): string {
  if (!disks) return "all disks (which ones is not known)";
  if (disks.length === 0) return "no disks";
  const sizes = disks.flatMap(({ size }) => gibibytesOf(size) ?? []);
  const total = `${Math.round(sizes.reduce((sum, size) => sum + size, 0) * 10) / 10} GiB in all`;
  const unsized = disks.length - sizes.length;
  const rest = unsized > 0 ? ` besides ${unsized} of unknown size` : "";
  return `${counted(disks.length, "disk")}, ${total}${rest}`;
}

const unitsPerGibibyte = { "": 2 ** 30, K: 2 ** 20, M: 2 ** 10, G: 1, T: 2 ** -10 } as const;

/** Of a size as Proxmox writes it, such as `32G`. */
function gibibytesOf(size = ""): number | undefined {
  const [, count, unit = ""] = /^(\d+(?:\.\d+)?)([KMGT]?)$/.exec(size) ?? [];
  if (count === undefined) return undefined;
  return Number(count) / unitsPerGibibyte[unit as keyof typeof unitsPerGibibyte];
}

function describeSnapshots(names: readonly string[] | undefined): string {
  if (!names) return "all snapshots (whether there are any is not known)";
  return names.length === 0 ? "no snapshots" : counted(names.length, "snapshot");
}

function describeTouched(risk: GuestRisk): string[] {
  const { haManaged, replicas = [], backupJobs = [], linkedClones = [], runningTasks = [] } = risk;
  const counts: readonly (readonly [number, string])[] = [
    [replicas.length, "replica"],
    [backupJobs.length, "backup job"],
    [linkedClones.length, "linked clone"],
    [runningTasks.length, "running task"],
  ];
  const touched = counts
    .filter(([count]) => count > 0)
    .map(([count, what]) => counted(count, what));
  return haManaged ? ["HA manages it", ...touched] : touched;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
