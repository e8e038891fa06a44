import { guestLabel, guestTarget } from "#src/actions/guest-target.ts";
import { defineTool, RefusedError, type Tool, ToolError } from "#src/actions/tool.ts";
import type { Clock } from "#src/clock.ts";
import { type Deletion, isEndOfLease, type NewDeletion } from "#src/deletions/deletion.ts";
import type { DeletionStore } from "#src/deletions/deletion-store.ts";
import type { Leases } from "#src/leases/leases.ts";
import type { Guests } from "#src/proxmox/guest.ts";
import { describeInstant } from "#src/when/describe-instant.ts";
import { guestReference } from "#tools/guests/guest-reference.ts";
import { refuseBeyondLease } from "#tools/leases/lease-limit.ts";
import { defineInput, z } from "#tools/schema.ts";
import { eventFollows } from "./calendar-note.ts";
import { planTime, timeTarget } from "./deletion-time.ts";
import {
  backupChoice,
  backupTarget,
  describePreparation,
  type Preparation,
  planWithoutBackup,
} from "./preparation.ts";

interface Deps {
  readonly guests: Pick<Guests, "find">;
  readonly deletions: Pick<DeletionStore, "findOpen" | "schedule" | "reschedule">;
  readonly leases: Leases;
  readonly clock: Clock;
  readonly preparation: Preparation;
}

const input = defineInput(
  z.object({
    guest: guestReference,
    when: z
      .string()
      .nullable()
      .describe(
        `The user's own words, not converted ("friday at 6pm", "now"), or ISO 8601; null: in two days`,
      ),
    backup: backupChoice,
  }),
);

/**
 * Puts the deletion of a guest on the schedule. Deletes nothing: when it is due, everything is
 * checked again, and until then it can be cancelled or moved.
 */
export function scheduleDeletion({ guests, deletions, leases, clock, preparation }: Deps): Tool {
  /** Where its lease has an end already, that becomes its deletion. */
  async function schedule(deletion: NewDeletion): Promise<Deletion | undefined> {
    const scheduled = await deletions.schedule(deletion);
    if (scheduled) return scheduled;
    const open = await deletions.findOpen(deletion.guest);
    return open && isEndOfLease(open) ? deletions.reschedule(open, deletion) : undefined;
  }

  return defineTool({
    name: "schedule_deletion",
    description: "Schedule the permanent deletion of one guest, which a person has to confirm.",
    effect: "destructive",
    input,

    async plan({ guest: reference, when, backup }, context) {
      const { principal, askedAt, signal } = context;
      const guest = await guests.find(String(reference), signal);
      const label = guestLabel(guest);
      const target = { guest: guestTarget(guest) };
      const open = await deletions.findOpen(guest);
      if (open && !isEndOfLease(open)) {
        const moment = { now: askedAt, timeZone: principal.timeZone };
        const planned = `The deletion of ${label} is already planned for`;
        throw new RefusedError(
          `${planned} ${describeInstant(open.dueAt, moment)}; ${whatIsLeft(open)}.`,
          target,
        );
      }

      const time = planTime(when, target, context);
      await refuseBeyondLease(time.at, target.guest, target, leases, context, open?.dueAt);
      const usual = preparation.backup === undefined;
      const withoutBackup = planWithoutBackup(backup, usual, preparation, target);
      return {
        summary: `Delete ${label} for good ${time.phrase}. ${describePreparation(withoutBackup, preparation)}`,
        target: { ...target, ...timeTarget(time), ...backupTarget(withoutBackup) },
        doomed: { ...target.guest, pool: guest.pool },
        time,
        withoutBackup,
        requestedBy: { id: principal.id, name: principal.name },
      };
    },

    async apply({ doomed, time, withoutBackup, requestedBy }, { principal, approvedBy }) {
      const now = clock.now();
      const { timeZone, id, name } = principal;
      const deletion = await schedule({
        guest: doomed,
        dueAt: time.asSoonAsConfirmed ? now : time.at,
        timeZone,
        requestedBy,
        confirmedBy: { id, name },
        approvedBy,
        withoutBackup,
      });
      const label = guestLabel(doomed);
      if (!deletion) throw new ToolError(`The deletion of ${label} has been planned meanwhile.`);
      const scheduledFor = describeInstant(deletion.dueAt, { now, timeZone });
      return { kind: "done", output: { guest: label, scheduledFor, calendar: eventFollows } };
    },
  });
}

function whatIsLeft({ state }: Deletion): string {
  if (state === "destroying") return "it is being carried out now";
  return state === "preparing"
    ? "it is being prepared, and can be cancelled"
    : "it can be rescheduled or cancelled";
}
