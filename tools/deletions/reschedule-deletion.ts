import { Temporal } from "temporal-polyfill";
import { guestLabel, guestTarget } from "#src/actions/guest-target.ts";
import { defineTool, RefusedError, type Tool, ToolError } from "#src/actions/tool.ts";
import type { Clock } from "#src/clock.ts";
import { type Deletion, movableStates } from "#src/deletions/deletion.ts";
import type { DeletionStore } from "#src/deletions/deletion-store.ts";
import { isHeldForTooMany } from "#src/deletions/held-reasons.ts";
import type { Leases } from "#src/leases/leases.ts";
import type { Guests } from "#src/proxmox/guest.ts";
import { describeInstant } from "#src/when/describe-instant.ts";
import { guestReference } from "#tools/guests/guest-reference.ts";
import { refuseBeyondLease } from "#tools/leases/lease-limit.ts";
import { defineInput, z } from "#tools/schema.ts";
import { eventFollows } from "./calendar-note.ts";
import { type PlannedTime, planTime, timeTarget } from "./deletion-time.ts";
import { deletionTarget, findDeletion } from "./find-deletion.ts";
import {
  backupChoice,
  backupTarget,
  describePreparation,
  type Preparation,
  planWithoutBackup,
} from "./preparation.ts";

interface Deps {
  readonly guests: Pick<Guests, "find">;
  readonly deletions: Pick<DeletionStore, "listOpen" | "reschedule">;
  readonly leases: Leases;
  readonly clock: Clock;
  readonly preparation: Preparation;
}

const input = defineInput(
  z.object({
    guest: guestReference,
    when: z.string().describe(`The new time, as schedule_deletion takes it, or "two days later"`),
    backup: backupChoice,
  }),
);

/** Moves a scheduled deletion to another time, earlier or later. */
export function rescheduleDeletion({ guests, deletions, leases, clock, preparation }: Deps): Tool {
  /** The open deletion of a guest that is there, and what a call on it acts on. */
  async function findMovable(reference: string, signal: AbortSignal) {
    const found = await findDeletion(reference, { guests, deletions }, signal);
    if (!found.deletion) {
      const message = `No deletion of ${guestLabel(found.guest)} is planned; it can be scheduled.`;
      throw new RefusedError(message, { guest: guestTarget(found.guest) });
    }
    const target = deletionTarget(found, movableStates);
    if (found.guest) return { deletion: found.deletion, target };
    const label = guestLabel(target.guest);
    const message = `${label} cannot be found, so its deletion can only be cancelled.`;
    throw new RefusedError(message, target);
  }

  return defineTool({
    name: "reschedule_deletion",
    description: "Move the scheduled deletion of a guest to another time; a person has to confirm.",
    effect: "destructive",
    input,

    async plan({ guest: reference, when, backup }, context) {
      const { deletion, target } = await findMovable(String(reference), context.signal);
      const time = planTime(when, target, context, deletion.dueAt);
      await refuseBeyondLease(time.at, target.guest, target, leases, context, deletion.dueAt);
      const withoutBackup = planWithoutBackup(backup, deletion.withoutBackup, preparation, target);
      // Whoever lets such a one go now knows that it is one too many.
      const beyondLimit = time.asSoonAsConfirmed && isHeldForTooMany(deletion);
      const label = guestLabel(target.guest);
      const moment = { now: context.askedAt, timeZone: context.principal.timeZone };
      const from = describeInstant(deletion.dueAt, moment);
      return {
        summary: [
          `Delete ${label} for good ${time.phrase}, instead of ${from}.`,
          ...(beyondLimit ? ["It goes although too many are due at once."] : []),
          describePreparation(withoutBackup, preparation),
        ].join(" "),
        target: { ...target, ...timeTarget(time), ...backupTarget(withoutBackup) },
        unchanged: isAlready(deletion, time, withoutBackup)
          ? `The deletion of ${label} is planned for that time already.`
          : undefined,
        deletion,
        time,
        withoutBackup,
        beyondLimit,
        label,
      };
    },

    async apply(
      { deletion, time, withoutBackup, beyondLimit, label, unchanged },
      { principal, approvedBy },
    ) {
      if (unchanged) return { kind: "unchanged", message: unchanged };
      const now = clock.now();
      const { id, name, timeZone } = principal;
      const moved = await deletions.reschedule(deletion, {
        dueAt: time.asSoonAsConfirmed ? now : time.at,
        timeZone,
        confirmedBy: { id, name },
        approvedBy,
        withoutBackup,
        beyondLimit,
      });
      if (!moved) throw new ToolError(`The deletion of ${label} has changed meanwhile; ask again.`);
      const scheduledFor = describeInstant(moved.dueAt, { now, timeZone });
      return { kind: "done", output: { guest: label, scheduledFor, calendar: eventFollows } };
    },
  });
}

/** A time that nobody has confirmed yet is worth asking for again. */
function isAlready(
  deletion: Deletion,
  { at, asSoonAsConfirmed }: PlannedTime,
  withoutBackup: boolean,
): boolean {
  const { state, dueAt, confirmedBy } = deletion;
  if (state === "held" || !confirmedBy || asSoonAsConfirmed) return false;
  return Temporal.Instant.compare(dueAt, at) === 0 && deletion.withoutBackup === withoutBackup;
}
