import { Temporal } from "temporal-polyfill";
import type { Deletion, PreparationTask } from "./deletion.ts";
import { grace, isPast, reminderAt } from "./deletion-time.ts";
import { noBackupReason } from "./held-reasons.ts";
import { type Objection, objectionIn } from "./judge.ts";
import type { Seen } from "./world.ts";

/** How deletions are carried out here. */
export interface DeletionSettings {
  /** How long a preparation may take in all. */
  readonly preparationTime: Temporal.DurationLike;
  /** Where backups go before a guest is destroyed, and for how many days they are kept. */
  readonly backup?: { readonly storage: string; readonly days: number } | undefined;
  /** Whether a guest is marked with a tag while its deletion is planned. */
  readonly mark: boolean;
}

/** For how many days a backup is kept, also one from before backups were switched off. */
export function backupDays({ backup }: Pick<DeletionSettings, "backup">): number {
  return backup?.days ?? 30;
}

/** What to do about a deletion next. */
export type Decision =
  /** Nothing until then; never, where it is over. */
  | { readonly kind: "rest"; readonly until?: Temporal.Instant | undefined }
  /** The world, or the task that it waits for, has to be seen first. */
  | { readonly kind: "look" | "look-at-task" }
  | Objection
  | { readonly kind: "write-event" | "remove-event" }
  | { readonly kind: "remind" | "ask" }
  | { readonly kind: "mark" | "unmark" }
  | { readonly kind: "begin" }
  | { readonly kind: "shut-down" | "cut-power" | "back-up" | "start-again" }
  /** The task that it waited for has ended, and is of no more interest. */
  | { readonly kind: "settle-task" }
  | { readonly kind: "check-backup" }
  | { readonly kind: "give-up-start"; readonly reason: string }
  | { readonly kind: "destroy" }
  /** Find out how a destroy ended that was begun before. */
  | { readonly kind: "finish" }
  | { readonly kind: "remove-backup" };

/** Why nothing is deleted at a time that people only proposed. */
const unconfirmedReason = "nobody has confirmed its time";

/** How often a running task is looked at. */
const taskInterval = { seconds: 2 } as const;
/** So often a guest is shut down that does not stay so. */
const shutdownAttempts = 5;
/** The mark is a courtesy: after so many attempts it goes without. */
const markAttempts = 3;

/**
 * What to do about a deletion now. Pure and total; asks for the world only where it matters, so
 * that a deletion that is not due costs nothing.
 */
export function decide(
  deletion: Deletion,
  now: Temporal.Instant,
  settings: DeletionSettings,
  seen: Seen = {},
): Decision {
  if (deletion.task) return decideTask(deletion, deletion.task, now, settings, seen);
  switch (deletion.state) {
    case "inserting":
    case "planned":
      if (deletion.stoppedByUs) return { kind: "start-again" };
      return decidePlanned(deletion, now, settings, seen);
    case "preparing":
      return decidePreparing(deletion, now, settings, seen);
    case "destroying":
      return { kind: "finish" };
    case "held":
      return deletion.stoppedByUs ? { kind: "start-again" } : { kind: "rest" };
    case "cancelled":
      return deletion.stoppedByUs ? { kind: "start-again" } : tidy(deletion, now, settings);
    case "done":
      return tidy(deletion, now, settings);
    case "failed":
      return deletion.eventGone ? { kind: "rest" } : { kind: "remove-event" };
  }
}

/** Of what is over, the event and the mark go at once, and the backup when its time has come. */
function tidy(deletion: Deletion, now: Temporal.Instant, settings: DeletionSettings): Decision {
  const { state, eventGone, mark, attempts, backup } = deletion;
  // Also one that we know nothing of: it may have been written without our hearing of it.
  if (!eventGone) return { kind: "remove-event" };
  const isMarked = state === "cancelled" && mark !== undefined;
  if (isMarked && attempts < markAttempts) return { kind: "unmark" };
  if (!backup) return { kind: "rest" };
  // One of a guest that was spared in the end, or was gone when its time came.
  const madeAt = deletion.begunAt ?? deletion.dueAt;
  const until = backup.until ?? madeAt.add({ hours: 24 * backupDays(settings) });
  return isPast(now, until) ? { kind: "remove-backup" } : { kind: "rest", until };
}

function decidePlanned(
  deletion: Deletion,
  now: Temporal.Instant,
  settings: DeletionSettings,
  { world }: Seen,
): Decision {
  const { event, dueAt, confirmedBy, reason } = deletion;
  if (!event?.startsAt.equals(dueAt)) return { kind: "write-event" };
  if (isPast(now, dueAt, grace)) {
    const missed = confirmedBy ? "its time was missed" : unconfirmedReason;
    return { kind: "hold", reason: reason ?? missed };
  }
  if (isToMark(deletion, settings)) return { kind: "mark" };
  if (deletion.remindedRevision < deletion.revision) {
    const remindedAt = reminderAt(deletion);
    return isPast(now, remindedAt) ? { kind: "remind" } : { kind: "rest", until: remindedAt };
  }
  if (!isPast(now, dueAt)) return { kind: "rest", until: dueAt };
  if (!confirmedBy) return { kind: "ask" };
  if (!world) return { kind: "look" };
  const objection = objectionIn(deletion, world);
  if (objection) return objection;
  // One of an earlier preparation that was called off; a backup must be of the last moment.
  return deletion.backup ? { kind: "remove-backup" } : { kind: "begin" };
}

function isToMark({ mark, confirmedBy, attempts }: Deletion, settings: DeletionSettings): boolean {
  return (
    settings.mark && mark === undefined && confirmedBy !== undefined && attempts < markAttempts
  );
}

function decidePreparing(
  deletion: Deletion,
  now: Temporal.Instant,
  settings: DeletionSettings,
  { world }: Seen,
): Decision {
  const late = objectionToTime(deletion, now, settings);
  if (late) return late;
  if (!world) return { kind: "look" };
  const objection = objectionIn(deletion, world);
  if (objection) return objection;
  if (world.guest.kind === "there" && world.guest.running) {
    // It is backed up when it is stopped; what it has done since then is in no backup.
    if (deletion.backup !== undefined) {
      return { kind: "hold", reason: "it was stopped, and is started again by somebody" };
    }
    // A lost answer may have us ask again.
    const isTried = deletion.stoppedByUs && deletion.attempts >= shutdownAttempts;
    return isTried
      ? { kind: "hold", reason: "it was shut down, and runs all the same" }
      : { kind: "shut-down" };
  }
  const isBackedUp = deletion.withoutBackup || deletion.backup !== undefined;
  return isBackedUp ? { kind: "destroy" } : { kind: "back-up" };
}

/** Why a preparation must not go on, by the clock alone. */
export function objectionToTime(
  { dueAt, begunAt = dueAt, reason }: Deletion,
  now: Temporal.Instant,
  { preparationTime }: Pick<DeletionSettings, "preparationTime">,
): Extract<Objection, { kind: "hold" }> | undefined {
  if (!isPast(now, dueAt))
    return { kind: "hold", reason: "the clock was put back before its time" };
  if (Temporal.Instant.compare(begunAt, dueAt.add(grace)) > 0) {
    return { kind: "hold", reason: "its preparation began too late" };
  }
  if (!isPast(now, begunAt, preparationTime)) return undefined;
  const because = reason ? ` (${reason})` : "";
  return { kind: "hold", reason: `its preparation took too long${because}` };
}

/** A task goes on whatever becomes of its deletion, so it is followed in every state. */
function decideTask(
  deletion: Deletion,
  { step, upid }: PreparationTask,
  now: Temporal.Instant,
  settings: DeletionSettings,
  { task, world }: Seen,
): Decision {
  if (!task) return { kind: "look-at-task" };
  const isPreparing = deletion.state === "preparing";
  if (task.kind === "running") {
    const late = isPreparing && objectionToTime(deletion, now, settings);
    return late || { kind: "rest", until: now.add(taskInterval) };
  }
  const isFine = task.kind === "ended" && task.ok;
  if (step === "backup" && (isFine || task.kind === "unknown")) return { kind: "check-backup" };
  if (isFine) return { kind: "settle-task" };
  const why = `${task.kind === "unknown" ? task.reason : task.exitStatus}: ${upid}`;
  if (step === "start") return { kind: "give-up-start", reason: why };
  // What the guest does says more than a task of which nothing is known.
  if (!isPreparing || task.kind === "unknown") return { kind: "settle-task" };
  if (step === "shutdown") {
    const late = objectionToTime(deletion, now, settings);
    if (late || !world) return late ?? { kind: "look" };
    return objectionIn(deletion, world) ?? { kind: "cut-power" };
  }
  if (step === "stop") return { kind: "hold", reason: `it could not be stopped (${why})` };
  return { kind: "hold", reason: `${noBackupReason} (${why})` };
}
