import type { Temporal } from "temporal-polyfill";
import type { Deletion } from "#src/deletions/deletion.ts";
import { isPast } from "#src/deletions/deletion-time.ts";
import { noBackupReason } from "#src/deletions/held-reasons.ts";

/**
 * What a person can say about a deletion by a button. To confirm is to confirm the time that it
 * has, where nobody has yet.
 */
export const choices = [
  "keep",
  "postpone-day",
  "postpone-week",
  "postpone",
  "confirm",
  "now",
  "now-without-backup",
] as const;
export type Choice = (typeof choices)[number];

/** The deletion that a notice is about, and the version of it that people were told of. */
export interface DeletionRef {
  readonly id: string;
  readonly revision: number;
}

/** What a notice can be answered with; or how it is about what the notice told of. */
export type Standing =
  | { readonly kind: "open"; readonly deletion: Deletion; readonly choices: readonly Choice[] }
  /** It is being carried out: what is to come is not known yet. */
  | { readonly kind: "begun"; readonly deletion: Deletion }
  /** Absent where there is no such deletion. */
  | { readonly kind: "over"; readonly deletion?: Deletion | undefined };

/** How it is now about what a notice told of. Pure. */
export function standingOf(
  deletion: Deletion | undefined,
  revision: number,
  now: Temporal.Instant,
): Standing {
  if (!deletion || deletion.revision !== revision) return { kind: "over", deletion };
  switch (deletion.state) {
    case "inserting":
    case "planned":
      // Without a confirmation its time comes and nothing happens, so that it can still be answered.
      return isPast(now, deletion.dueAt) && deletion.confirmedBy
        ? { kind: "begun", deletion }
        : { kind: "open", deletion, choices: choicesFor(deletion, now) };
    case "held":
      return { kind: "open", deletion, choices: choicesFor(deletion, now) };
    case "preparing":
    case "destroying":
      return { kind: "begun", deletion };
    case "done":
    case "cancelled":
    case "failed":
      return { kind: "over", deletion };
  }
}

function choicesFor(deletion: Deletion, now: Temporal.Instant): readonly Choice[] {
  const { state, confirmedBy, dueAt, reason } = deletion;
  const isToConfirm = state !== "held" && !confirmedBy;
  const hidden = new Set<Choice>();
  if (!isToConfirm) hidden.add("confirm");
  // Past its time, to confirm it is to have it done at once.
  if (isToConfirm && isPast(now, dueAt)) hidden.add("now");
  if (state !== "held" || !reason?.startsWith(noBackupReason)) hidden.add("now-without-backup");
  return choices.filter((choice) => !hidden.has(choice));
}

/** Why a choice does not count, of a notice that told of `revision`; undefined when it may. */
export function objectionTo(
  choice: Choice,
  deletion: Deletion | undefined,
  revision: number,
  now: Temporal.Instant,
): string | undefined {
  if (!deletion) return "There is no such deletion; it may be of another installation.";
  const { state, guest, reason } = deletion;
  if (state === "done") return "The guest was deleted already.";
  if (state === "failed") return "This deletion has failed; please look at the guest in Proxmox.";
  if (state === "cancelled") return `This deletion is off already. ${reason ?? ""}`.trimEnd();
  if (state === "destroying") return "The guest is being deleted; that cannot be stopped any more.";
  if (deletion.revision !== revision) {
    return "This is out of date: the deletion was changed after this was written. Please look for the newer message, or ask me.";
  }
  // A veto is late only once the guest is being destroyed.
  if (choice === "keep") return undefined;
  const { kind } = standingOf(deletion, revision, now);
  return kind === "open"
    ? undefined
    : `The deletion has begun. Until the guest is destroyed, /pve cancel ${guest.vmid} stops it.`;
}

/** Later by the wall clock of the zone that it was asked in; from now where its time has passed. */
export function postponed(
  { dueAt, timeZone }: Pick<Deletion, "dueAt" | "timeZone">,
  by: Temporal.DurationLike,
  now: Temporal.Instant,
): Temporal.Instant {
  const from = isPast(now, dueAt)
    ? now.round({ smallestUnit: "second", roundingMode: "ceil" })
    : dueAt;
  return from.toZonedDateTimeISO(timeZone).add(by).toInstant();
}
