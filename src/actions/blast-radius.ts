import { guestsIn } from "#src/policy/target.ts";
import type { GuestDisk } from "#src/proxmox/guest.ts";
import type { GuestRisk, GuestRisks } from "#src/proxmox/guest-risk.ts";
import type { Confirmation } from "./confirmation-store.ts";

/** How a front end writes what others have named, and instants; both escape. */
export interface Notation {
  name(text: string, maxLength: number): string;
  /** @param at epoch milliseconds */
  instant(at: number): string;
}

/** One thing that a person should know before a guest goes. */
export interface RiskLine {
  readonly label: string;
  readonly text: string;
}

/** A guest that would be lost, as far as it is known. */
export interface Loss {
  readonly risk: GuestRisk;
  /** No backup is made before. */
  readonly withoutBackup: boolean;
  /** From when the ages count, epoch milliseconds. */
  readonly now: number;
}

const losing = new Set(["schedule_deletion", "reschedule_deletion", "release_held_deletions"]);

/** Whether guests are lost in the end when this is approved. */
export function losesGuest({ call }: Pick<Confirmation, "call">): boolean {
  return losing.has(call.tool);
}

/** What is known of each guest that would be lost, in the target's order; nothing where none would be. */
export async function readLosses(
  confirmation: Pick<Confirmation, "call" | "target">,
  risks: GuestRisks,
  signal: AbortSignal,
): Promise<readonly GuestRisk[]> {
  if (!losesGuest(confirmation)) return [];
  return Promise.all(guestsIn(confirmation.target).map((guest) => risks.read(guest, signal)));
}

/** More of anything than these are counted. */
const maxShown = 8;

/**
 * What deleting a guest destroys and touches, in lines for a small screen. Of what is not known it
 * says so; of what could stand in the way it names only what is there.
 */
export function describeBlastRadius(loss: Loss, notation: Notation): readonly RiskLine[] {
  const { risk } = loss;
  const { disks, snapshots } = risk;
  const lost = `${describeDisks(disks, notation)}, and ${describeSnapshots(snapshots, notation)}.`;
  const concerned = describeConcerned(risk, notation);
  const unknown = nameUnknown(risk);
  return [
    { label: "Lost for good", text: lost },
    { label: "Last backup", text: describeBackup(loss, notation) },
    { label: "In use", text: describeUse(risk) },
    ...(concerned.length > 0 ? [{ label: "Also", text: `${concerned.join("; ")}.` }] : []),
    ...(unknown.length > 0 ? [{ label: "Not known", text: `${unknown.join(", ")}.` }] : []),
    { label: "Cannot be undone", text: describeFinality(loss) },
  ];
}

function describeDisks(disks: readonly GuestDisk[] | undefined, { name }: Notation): string {
  if (!disks) return "all disks (which ones is not known)";
  if (disks.length === 0) return "no disks";
  const shown = disks.slice(0, maxShown).map(({ key, volume, size }) => {
    const [storage = "", ...rest] = volume.split(":");
    const place = rest.length > 0 ? ` on ${name(storage, 32)}` : "";
    const file = rest.length > 0 ? rest.join(":") : storage;
    return `${name(key, 16)} ${size ? name(size, 16) : "of unknown size"}${place} (${name(file, 60)})`;
  });
  return withRest(shown, disks.length, "more disks");
}

function describeSnapshots(names: readonly string[] | undefined, { name }: Notation): string {
  if (!names) return "all snapshots (whether there are any is not known)";
  if (names.length === 0) return "no snapshots";
  const shown = names.slice(0, maxShown).map((one) => name(one, 40));
  const noun = names.length === 1 ? "snapshot" : "snapshots";
  return `the ${noun} ${withRest(shown, names.length, "more")}`;
}

/** A sentence without its beginning. */
export function describeBackup({ risk, now }: Loss, { instant }: Notation): string {
  const { lastBackup } = risk;
  if (lastBackup === undefined) return "not known.";
  if (lastBackup === "none") return "there is none.";
  const { at, verified } = lastBackup;
  const age = at <= now ? `, ${describeSpan(now - at)} old` : "";
  const check = verified === undefined ? "not verified" : verified ? "verified" : "not intact";
  return `${instant(at)}${age}, ${check}.`;
}

/** Whether it runs, since when, and how busy it is. */
export function describeUse({ status, uptime, load }: GuestRisk): string {
  if (status === undefined) return "not known.";
  if (status === "stopped") return "no, it is stopped.";
  const since = uptime === undefined ? "" : ` for ${describeSpan(uptime * 1_000)}`;
  if (!load) return `${status}${since}; how busy it is is not known.`;
  const cpu = `${Math.round(load.cpu * 100)} % CPU`;
  const rates = `${describeRate(load.network)} network, ${describeRate(load.disk)} disk`;
  return `${status}${since}, ${cpu}, ${rates}.`;
}

function describeConcerned(risk: GuestRisk, { name }: Notation): string[] {
  const { haManaged, replicas = [], backupJobs = [], linkedClones = [], runningTasks = [] } = risk;
  const list = (items: readonly (string | number)[]) => {
    const shown = items.slice(0, maxShown).map((item) => name(String(item), 24));
    return withRest(shown, items.length, "more");
  };
  const parts: readonly (readonly [unknown, string])[] = [
    [haManaged, "HA manages it"],
    [replicas.length, `it is replicated to ${list(replicas)}`],
    [backupJobs.length, `it leaves the backup jobs ${list(backupJobs)}`],
    [linkedClones.length, `the disks of ${list(linkedClones)} are based on its own`],
    [runningTasks.length, `tasks are working on it: ${list(runningTasks)}`],
  ];
  return parts.flatMap(([holds, words]) => (holds ? [words] : []));
}

/** What has no line of its own to say that it is not known. */
export function nameUnknown(risk: GuestRisk): string[] {
  const facts: readonly (readonly [unknown, string])[] = [
    [risk.haManaged, "HA"],
    [risk.replicas, "replication"],
    [risk.backupJobs, "backup jobs"],
    [risk.linkedClones, "linked clones"],
    [risk.runningTasks, "running tasks"],
  ];
  return facts.flatMap(([fact, words]) => (fact === undefined ? [words] : []));
}

/** What could bring it back. */
export function describeFinality({ risk, withoutBackup }: Loss): string {
  if (!withoutBackup) return "only the backup that is made before it goes can bring it back.";
  const { lastBackup } = risk;
  if (lastBackup === "none") return "nothing will bring it back.";
  const since = "all that is newer than its last backup is gone";
  return lastBackup ? `${since}.` : `${since}, if there is one.`;
}

function withRest(shown: readonly string[], count: number, more: string): string {
  const rest = count - shown.length;
  return `${shown.join(", ")}${rest > 0 ? ` and ${rest} ${more}` : ""}`;
}

function describeRate(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.round(bytes / 1_000)} kB/s`;
  return `${(bytes / 1_000_000).toFixed(1)} MB/s`;
}

const units = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
] as const;

/** In its largest unit: "3 days". */
function describeSpan(milliseconds: number): string {
  const [unit, length] = units.find(([, one]) => milliseconds >= one) ?? units[2];
  const count = Math.floor(milliseconds / length);
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
