import { Temporal } from "temporal-polyfill";
import { guestLabel, guestTarget } from "#src/actions/guest-target.ts";
import {
  defineTool,
  type PlannedCall,
  RefusedError,
  type Tool,
  type ToolContext,
  ToolError,
} from "#src/actions/tool.ts";
import { type Deletion, isEndOfLease, movableStates } from "#src/deletions/deletion.ts";
import type { DeletionStore } from "#src/deletions/deletion-store.ts";
import { furthestEnd, type LeaseSpan, nextEnd } from "#src/leases/lease-time.ts";
import type { Leases } from "#src/leases/leases.ts";
import type { Target } from "#src/policy/target.ts";
import type { GuestDetail, Guests } from "#src/proxmox/guest.ts";
import { describeInstant } from "#src/when/describe-instant.ts";
import { eventFollows } from "#tools/deletions/calendar-note.ts";
import { planTime } from "#tools/deletions/deletion-time.ts";
import { deletionTarget } from "#tools/deletions/find-deletion.ts";
import { guestReference } from "#tools/guests/guest-reference.ts";
import { defineInput, z } from "#tools/schema.ts";
import { whoMayLift } from "./lease-limit.ts";

interface Deps {
  readonly guests: Pick<Guests, "find">;
  readonly deletions: Pick<DeletionStore, "findOpen" | "reschedule">;
  readonly leases: Leases;
}

const input = defineInput(
  z.object({
    guest: guestReference,
    until: z
      .string()
      .nullable()
      .describe(
        `The user's own words, not converted ("by a week", "until friday"); null: as the policy has it`,
      ),
  }),
);

interface PlannedExtension extends PlannedCall {
  readonly end: Deletion;
  readonly at: Temporal.Instant;
  readonly timeZone: string;
  readonly label: string;
}

/**
 * Puts the end of a guest's lease off, as far as the policy allows. Confirms nothing: without a
 * confirmation the guest is not deleted then, either.
 */
export function extendLease({ guests, deletions, leases }: Deps): Tool {
  /** The end of a guest's lease, while nobody has asked for its deletion. */
  async function findEnd(guest: GuestDetail, target: Target, context: ToolContext) {
    const label = guestLabel(guest);
    const span = (await leases.read()).of(guest);
    const end = await deletions.findOpen(guest);
    if (!span) {
      const message = `${label} has no lease: it lives until somebody deletes it.`;
      throw new RefusedError(message, target);
    }
    if (!end) {
      const message = `The lease of ${label} has no end at present; ${whyNot(guest)}.`;
      throw new RefusedError(message, target);
    }
    if (!isEndOfLease(end)) {
      const due = describe(end.dueAt, context);
      const message = `The deletion of ${label} is asked for, for ${due}; it can be rescheduled or cancelled.`;
      throw new RefusedError(message, target);
    }
    return { span, end };
  }

  return defineTool({
    name: "extend_lease",
    description:
      "Extend the lease of a guest: put off when it ends, within the policy's limits. Deletes nothing.",
    effect: "reversible",
    input,

    async plan({ guest: reference, until }, context): Promise<PlannedExtension> {
      const guest = await guests.find(String(reference), context.signal);
      const label = guestLabel(guest);
      const { span, end } = await findEnd(guest, { guest: guestTarget(guest) }, context);
      const target = deletionTarget({ guest, deletion: end }, movableStates);
      const wanted = wantedEnd(until, span, end, target, context);
      const at = withinLimit(wanted, span, end, label, target, context);
      const limited = at.equals(wanted) ? "" : ", the furthest that it may go";
      const summary = `Extend the lease of ${label} until ${describe(at, context)}${limited}, instead of ${describe(end.dueAt, context)}.`;
      const { timeZone } = context.principal;
      return { summary, target: { ...target, at: at.toString() }, end, at, timeZone, label };
    },

    async apply({ end, at, timeZone, label }, context) {
      const { withoutBackup } = end;
      const moved = await deletions.reschedule(end, { dueAt: at, timeZone, withoutBackup });
      if (!moved) throw new ToolError(`The lease of ${label} has changed meanwhile; ask again.`);
      const output = { lease: label, endsOn: describe(moved.dueAt, context) };
      return { kind: "done", output: { ...output, calendar: eventFollows } };
    },
  });
}

/** "By a week" counts from the end that it has, and from now where that has passed. */
function wantedEnd(
  words: string | null,
  span: LeaseSpan,
  { dueAt }: Deletion,
  target: Target,
  context: ToolContext,
): Temporal.Instant {
  const { askedAt } = context;
  if (words === null) return nextEnd(span, askedAt);
  const said = words.replace(/^(?:until|till|to) /i, "");
  const isOver = Temporal.Instant.compare(dueAt, askedAt) <= 0;
  return planTime(said, target, context, isOver ? askedAt : dueAt).at;
}

/** @throws RefusedError where that is no later than the end it has. */
function withinLimit(
  wanted: Temporal.Instant,
  span: LeaseSpan,
  { dueAt }: Deletion,
  label: string,
  target: Target,
  context: ToolContext,
): Temporal.Instant {
  const isLater = (end: Temporal.Instant) =>
    [dueAt, context.askedAt].every((before) => Temporal.Instant.compare(end, before) > 0);
  if (!isLater(wanted)) {
    const message = `The lease of ${label} ends on ${describe(dueAt, context)} already, which is no sooner. To what later time should it be extended?`;
    throw new RefusedError(message, target);
  }
  const furthest = furthestEnd(span, context.askedAt);
  if (!furthest || Temporal.Instant.compare(wanted, furthest) <= 0) return wanted;
  if (isLater(furthest)) return furthest;
  const message = `The lease of ${label} cannot be extended: by the policy it ends on ${describe(furthest, context)} at the latest. ${whoMayLift}`;
  throw new RefusedError(message, target);
}

function whyNot({ hold }: GuestDetail): string {
  return hold
    ? "the guest is on hold"
    : "it gets one within minutes, unless the guest cannot be deleted";
}

function describe(at: Temporal.Instant, { askedAt: now, principal }: ToolContext): string {
  return describeInstant(at, { now, timeZone: principal.timeZone });
}
