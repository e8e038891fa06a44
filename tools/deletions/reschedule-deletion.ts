import { Temporal } from "temporal-polyfill";
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
  movableStates,
  type Person,
} from "#src/deletions/deletion.ts";
import type { DeletionStore } from "#src/deletions/deletion-store.ts";
import { isHeldForTooMany } from "#src/deletions/held-reasons.ts";
import type { Leases } from "#src/leases/leases.ts";
import type { GuestTarget } from "#src/policy/target.ts";
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
  readonly deletions: Pick<DeletionStore, "listOpen" | "reschedule" | "takeOver">;
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

type Input = ReturnType<typeof input.parse>;

interface PlannedMove extends PlannedCall {
  readonly guest: GuestTarget;
  readonly deletion: Deletion;
  readonly time: PlannedTime;
  readonly withoutBackup: boolean;
  readonly beyondLimit: boolean;
  readonly requestedBy: Person;
}

/** Moves a scheduled deletion to another time, earlier or later. */
export function rescheduleDeletion(deps: Deps): Tool {
  return defineTool({
    name: "reschedule_deletion",
    description: "Move the scheduled deletion of a guest to another time; a person has to confirm.",
    effect: "destructive",
    input,
    plan: (said, context) => plan(said, context, deps),
    apply: (planned, context) => apply(planned, context, deps),
  });
}

async function plan(
  { guest: reference, when, backup }: Input,
  context: ToolContext,
  deps: Deps,
): Promise<PlannedMove> {
  const { principal, askedAt, signal } = context;
  const { deletion, target } = await findMovable(String(reference), deps, signal);
  const time = planTime(when, target, context, deletion.dueAt);
  await refuseBeyondLease(time.at, target.guest, target, deps.leases, context, deletion.dueAt);
  const { preparation } = deps;
  const withoutBackup = planWithoutBackup(backup, deletion.withoutBackup, preparation, target);
  // Whoever lets such a one go now knows that it is one too many.
  const beyondLimit = time.asSoonAsConfirmed && isHeldForTooMany(deletion);
  const label = guestLabel(target.guest);
  const from = describeInstant(deletion.dueAt, { now: askedAt, timeZone: principal.timeZone });
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
    guest: target.guest,
    deletion,
    time,
    withoutBackup,
    beyondLimit,
    requestedBy: { id: principal.id, name: principal.name },
  };
}

/** The open deletion of a guest that is there, and what a call on it acts on. */
async function findMovable(reference: string, deps: Deps, signal: AbortSignal) {
  const found = await findDeletion(reference, deps, signal);
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

/** Whoever gives the end of a lease a time, or confirms the one that it has, asks for a deletion. */
async function apply(
  { guest, deletion, time, unchanged, requestedBy, ...said }: PlannedMove,
  { principal: { id, name, timeZone }, approvedBy }: ToolContext,
  { deletions, clock }: Deps,
): Promise<ToolResult> {
  if (unchanged) return { kind: "unchanged", message: unchanged };
  const now = clock.now();
  const { withoutBackup, beyondLimit } = said;
  const dueAt = time.asSoonAsConfirmed ? now : time.at;
  const confirmed = { dueAt, timeZone, confirmedBy: { id, name }, approvedBy, withoutBackup };
  const moved = isEndOfLease(deletion)
    ? await deletions.takeOver(deletion, { ...confirmed, guest, requestedBy })
    : await deletions.reschedule(deletion, { ...confirmed, beyondLimit });
  const label = guestLabel(guest);
  if (!moved) throw new ToolError(`The deletion of ${label} has changed meanwhile; ask again.`);
  const scheduledFor = describeInstant(moved.dueAt, { now, timeZone });
  return { kind: "done", output: { guest: label, scheduledFor, calendar: eventFollows } };
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
