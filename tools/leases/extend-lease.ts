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
import { type Deletion, isEndOfLease, movableStates } from "#src/deletions/deletion.ts";
import type { DeletionStore } from "#src/deletions/deletion-store.ts";
import { furthestEnd, type LeaseSpan, nextEnd, whoMayLift } from "#src/leases/lease-time.ts";
import type { Leases } from "#src/leases/leases.ts";
import type { Target } from "#src/policy/target.ts";
import type { GuestDetail, Guests } from "#src/proxmox/guest.ts";
import { describeInstant } from "#src/when/describe-instant.ts";
import { eventFollows } from "#tools/deletions/calendar-note.ts";
import { planTime } from "#tools/deletions/deletion-time.ts";
import { deletionTarget } from "#tools/deletions/find-deletion.ts";
import { guestReference } from "#tools/guests/guest-reference.ts";
import { defineInput, z } from "#tools/schema.ts";

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

type Input = ReturnType<typeof input.parse>;

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
export function extendLease(deps: Deps): Tool {
  return defineTool({
    name: "extend_lease",
    description:
      "Extend the lease of a guest: put off when it ends, within the policy's limits. Deletes nothing.",
    effect: "reversible",
    input,
    plan: (said, context) => plan(said, context, deps),
    apply: (planned, context) => apply(planned, context, deps),
  });
}

async function plan(
  { guest: reference, until }: Input,
  context: ToolContext,
  deps: Deps,
): Promise<PlannedExtension> {
  const guest = await deps.guests.find(String(reference), context.signal);
  const label = guestLabel(guest);
  const { span, end } = await findEnd(guest, context, deps);
  const target = deletionTarget({ guest, deletion: end }, movableStates);
  const wanted = wantedEnd(until, span, end, target, context);
  const at = withinLimit(wanted, span, end, label, target, context);
  const limited = at.equals(wanted) ? "" : ", the furthest that it may go";
  const summary = `Extend the lease of ${label} until ${describe(at, context)}${limited}, instead of ${describe(end.dueAt, context)}.`;
  const { timeZone } = context.principal;
  return { summary, target: { ...target, at: at.toString() }, end, at, timeZone, label };
}

/** The end of a guest's lease, while nobody has asked for its deletion. */
async function findEnd(guest: GuestDetail, context: ToolContext, { deletions, leases }: Deps) {
  const label = guestLabel(guest);
  const refused = (message: string) => new RefusedError(message, { guest: guestTarget(guest) });
  const span = (await leases.read()).of(guest);
  if (!span) throw refused(`${label} has no lease: it lives until somebody deletes it.`);
  const end = await deletions.findOpen(guest);
  if (!end) {
    const why = span.obstacle ?? "it gets one within minutes";
    throw refused(`The lease of ${label} has no end at present: ${why}.`);
  }
  if (isEndOfLease(end)) return { span, end };
  const due = describe(end.dueAt, context);
  throw refused(
    `The deletion of ${label} is asked for, for ${due}; it can be rescheduled or cancelled.`,
  );
}

async function apply(
  { end, at, timeZone, label }: PlannedExtension,
  context: ToolContext,
  { deletions }: Deps,
): Promise<ToolResult> {
  const { withoutBackup } = end;
  const moved = await deletions.reschedule(end, { dueAt: at, timeZone, withoutBackup });
  if (!moved) throw new ToolError(`The lease of ${label} has changed meanwhile; ask again.`);
  const output = { lease: label, endsOn: describe(moved.dueAt, context) };
  return { kind: "done", output: { ...output, calendar: eventFollows } };
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

function describe(at: Temporal.Instant, { askedAt: now, principal }: ToolContext): string {
  return describeInstant(at, { now, timeZone: principal.timeZone });
}
