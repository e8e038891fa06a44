import { guestLabel, guestTarget } from "#src/actions/guest-target.ts";
import { defineTool, type PlannedCall, type Tool, ToolError } from "#src/actions/tool.ts";
import { cancellableStates } from "#src/deletions/deletion.ts";
import type { DeletionStore } from "#src/deletions/deletion-store.ts";
import type { GuestDetail, Guests } from "#src/proxmox/guest.ts";
import { describeInstant } from "#src/when/describe-instant.ts";
import { guestReference } from "#tools/guests/guest-reference.ts";
import { defineInput, z } from "#tools/schema.ts";
import { eventFollows } from "./calendar-note.ts";
import { deletionTarget, findDeletion } from "./find-deletion.ts";

interface Deps {
  readonly guests: Pick<Guests, "find">;
  readonly deletions: Pick<DeletionStore, "listOpen" | "cancel">;
}

const input = defineInput(z.object({ guest: guestReference }));

interface PlannedCancel extends PlannedCall {
  /** Absent when nothing is planned. */
  readonly deletionId?: string;
  /** It is the end of the guest's lease. */
  readonly ofLease?: boolean;
  readonly label: string;
}

/** Takes a deletion off the schedule, also that of a guest that is gone or out of reach. */
export function cancelDeletion({ guests, deletions }: Deps): Tool {
  return defineTool({
    name: "cancel_deletion",
    description: "Cancel the scheduled deletion of a guest, which then stays.",
    effect: "reversible",
    input,

    async plan({ guest: reference }, { principal, askedAt, signal }): Promise<PlannedCancel> {
      const found = await findDeletion(String(reference), { guests, deletions }, signal);
      if (!found.deletion) return nothingPlanned(found.guest);

      const target = deletionTarget(found, cancellableStates);
      const label = guestLabel(target.guest);
      const moment = { now: askedAt, timeZone: principal.timeZone };
      const planned = describeInstant(found.deletion.dueAt, moment);
      const summary = `Cancel the deletion of ${label}, planned for ${planned}.`;
      const { id, ofLease } = found.deletion;
      return { summary, target, label, deletionId: id, ofLease };
    },

    async apply({ deletionId, label, ofLease }, { principal }) {
      if (!deletionId) return { kind: "unchanged", message: noneIsPlanned(label) };
      if (await deletions.cancel(deletionId, principal)) {
        const output = {
          cancelled: `the deletion of ${label}`,
          ...(ofLease && { lease: "goes on; it gets another end within minutes" }),
          calendar: eventFollows,
        };
        return { kind: "done", output };
      }
      throw new ToolError(`The deletion of ${label} has ended, or can no longer be stopped.`);
    },
  });
}

function nothingPlanned(guest: GuestDetail): PlannedCancel {
  const label = guestLabel(guest);
  const summary = `Cancel the deletion of ${label}.`;
  return { summary, target: { guest: guestTarget(guest) }, label, unchanged: noneIsPlanned(label) };
}

function noneIsPlanned(label: string): string {
  return `No deletion of ${label} is planned.`;
}
