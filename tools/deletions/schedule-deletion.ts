import { guestLabel, guestTarget } from "#src/actions/guest-target.ts";
import {
  defineTool,
  type PlannedCall,
  RefusedError,
  type Tool,
  type ToolContext,
  ToolError,
  type ToolResult,
} from "#src/actions/tool.ts";
import type { Clock } from "#src/clock.ts";
import {
  type Deletion,
  isEndOfLease,
  type NewDeletion,
  type Person,
} from "#src/deletions/deletion.ts";
import type { DeletionStore } from "#src/deletions/deletion-store.ts";
import type { Leases } from "#src/leases/leases.ts";
import type { GuestTarget } from "#src/policy/target.ts";
import type { Guests } from "#src/proxmox/guest.ts";
import { describeInstant } from "#src/when/describe-instant.ts";
import { guestReference } from "#tools/guests/guest-reference.ts";
import { refuseBeyondLease } from "#tools/leases/lease-limit.ts";
import { defineInput, z } from "#tools/schema.ts";
import { eventFollows } from "./calendar-note.ts";
import { type PlannedTime, planTime, timeTarget } from "./deletion-time.ts";
import {
  backupChoice,
  backupTarget,
  describePreparation,
  type Preparation,
  planWithoutBackup,
} from "./preparation.ts";

interface Deps {
  readonly guests: Pick<Guests, "find">;
  readonly deletions: Pick<DeletionStore, "findOpen" | "schedule" | "takeOver">;
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

type Input = ReturnType<typeof input.parse>;

interface PlannedDeletion extends PlannedCall {
  readonly doomed: GuestTarget;
  readonly time: PlannedTime;
  readonly withoutBackup: boolean;
  readonly requestedBy: Person;
}

/**
 * Puts the deletion of a guest on the schedule. Deletes nothing: when it is due, everything is
 * checked again, and until then it can be cancelled or moved.
 */
export function scheduleDeletion(deps: Deps): Tool {
  return defineTool({
    name: "schedule_deletion",
    description: "Schedule the permanent deletion of one guest, which a person has to confirm.",
    effect: "destructive",
    input,
    plan: (said, context) => plan(said, context, deps),
    apply: (planned, context) => apply(planned, context, deps),
  });
}

async function plan(
  { guest: reference, when, backup }: Input,
  context: ToolContext,
  { guests, deletions, leases, preparation }: Deps,
): Promise<PlannedDeletion> {
  const { id, name } = context.principal;
  const guest = guestTarget(await guests.find(String(reference), context.signal));
  const open = await deletions.findOpen(guest);
  if (open && !isEndOfLease(open)) throw alreadyPlanned(open, guest, context);

  const time = planTime(when, { guest }, context);
  await refuseBeyondLease(time.at, guest, { guest }, leases, context, open?.dueAt);
  const usual = preparation.backup === undefined;
  const withoutBackup = planWithoutBackup(backup, usual, preparation, { guest });
  return {
    summary: `Delete ${guestLabel(guest)} for good ${time.phrase}. ${describePreparation(withoutBackup, preparation)}`,
    target: { guest, ...timeTarget(time), ...backupTarget(withoutBackup) },
    doomed: guest,
    time,
    withoutBackup,
    requestedBy: { id, name },
  };
}

async function apply(
  { doomed, time, withoutBackup, requestedBy }: PlannedDeletion,
  { principal: { id, name, timeZone }, approvedBy }: ToolContext,
  { deletions, clock }: Deps,
): Promise<ToolResult> {
  const now = clock.now();
  const asked: NewDeletion = {
    guest: doomed,
    dueAt: time.asSoonAsConfirmed ? now : time.at,
    timeZone,
    requestedBy,
    confirmedBy: { id, name },
    approvedBy,
    withoutBackup,
  };
  const deletion = (await deletions.schedule(asked)) ?? (await takeEndOfLease(asked, deletions));
  const label = guestLabel(doomed);
  if (!deletion) throw new ToolError(`The deletion of ${label} has been planned meanwhile.`);
  const scheduledFor = describeInstant(deletion.dueAt, { now, timeZone });
  return { kind: "done", output: { guest: label, scheduledFor, calendar: eventFollows } };
}

/** Where its lease has an end already, that becomes its deletion. */
async function takeEndOfLease(
  asked: NewDeletion,
  deletions: Deps["deletions"],
): Promise<Deletion | undefined> {
  const open = await deletions.findOpen(asked.guest);
  return open && isEndOfLease(open) ? deletions.takeOver(open, asked) : undefined;
}

function alreadyPlanned(
  open: Deletion,
  guest: GuestTarget,
  { askedAt: now, principal: { timeZone } }: ToolContext,
): RefusedError {
  const due = describeInstant(open.dueAt, { now, timeZone });
  const message = `The deletion of ${guestLabel(guest)} is already planned for ${due}; ${whatIsLeft(open)}.`;
  return new RefusedError(message, { guest });
}

function whatIsLeft({ state }: Deletion): string {
  if (state === "destroying") return "it is being carried out now";
  return state === "preparing"
    ? "it is being prepared, and can be cancelled"
    : "it can be rescheduled or cancelled";
}
