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
import type { DeletionStore } from "#src/deletions/deletion-store.ts";
import type { HoldStore } from "#src/holds/hold-store.ts";
import { plainText } from "#src/plain-text.ts";
import { describeHold } from "#src/policy/hold.ts";
import type { GuestTarget, Target } from "#src/policy/target.ts";
import type { Guests } from "#src/proxmox/guest.ts";
import { resolveWhen } from "#src/when/when.ts";
import { guestReference } from "#tools/guests/guest-reference.ts";
import { defineInput, z } from "#tools/schema.ts";
import { describeEnd } from "./describe-end.ts";

interface Deps {
  readonly guests: Pick<Guests, "find">;
  readonly holds: Pick<HoldStore, "place" | "release">;
  readonly deletions: Pick<DeletionStore, "findOpen" | "hold">;
  readonly clock: Clock;
}

const maxReason = 200;

const input = defineInput(
  z.object({
    guest: guestReference,
    reason: z.string().describe("Why it has to stay, in a few words of the user's"),
    until: z
      .string()
      .nullable()
      .describe('The user\'s own words, not converted ("january 10"); null: until it is released'),
  }),
);

type Input = ReturnType<typeof input.parse>;

interface PlannedHold extends PlannedCall {
  readonly guest: GuestTarget;
  readonly reason: string;
  readonly until?: Temporal.Instant | undefined;
  /** The same in words. */
  readonly end: string;
}

/** Has a guest stay: nobody deletes it until that ends, and nothing is deleted because it has ended. */
export function holdGuest(deps: Deps): Tool {
  return defineTool({
    name: "hold_guest",
    description:
      "Put a guest on hold (vacation, legal reasons): nobody deletes it meanwhile, and a planned deletion is held up.",
    effect: "reversible",
    input,
    plan: (said, context) => plan(said, context, deps),
    apply: (planned, context) => apply(planned, context, deps),
  });
}

async function plan(
  { guest: reference, reason: said, until: words }: Input,
  context: ToolContext,
  { guests, deletions }: Deps,
): Promise<PlannedHold> {
  const guest = guestTarget(await guests.find(String(reference), context.signal));
  const label = guestLabel(guest);
  const target = { guest };
  const reason = plainText(said, maxReason);
  if (reason === "") throw new RefusedError(`Why is ${label} to stay?`, target);
  if (guest.hold) {
    const instead = "To change that, release the hold first.";
    throw new RefusedError(`${label}: ${describeHold(guest.hold)}. ${instead}`, target);
  }
  const open = await deletions.findOpen(guest);
  if (open?.state === "destroying") throw new RefusedError(tooLate(guest), target);
  const until = words === null ? undefined : readEnd(words, target, context);
  const end = describeEnd(until, momentOf(context));
  const planned = open ? " Its planned deletion is held up." : "";
  return {
    summary: `Put ${label} on hold ${end}: ${reason}. Nobody can delete it meanwhile.${planned}`,
    ...{ target, guest, reason, until, end },
  };
}

async function apply(
  { guest, reason, until, end }: PlannedHold,
  { principal: { id, name } }: ToolContext,
  { holds, deletions, clock }: Deps,
): Promise<ToolResult> {
  const label = guestLabel(guest);
  if (until && Temporal.Instant.compare(until, clock.now()) <= 0) {
    throw new ToolError(`${label} is not on hold: its end has passed by now. Until when is it?`);
  }
  const by = { id, name: plainText(name, 64) };
  const hold = await holds.place({ guest, by, reason, until });
  if (!hold) throw new ToolError(`${label} has been put on hold meanwhile.`);
  const why = describeHold({ by: by.name, reason, until: until?.toString() });
  const isHeldUp = await deletions.hold(guest.vmid, why);
  // Only now: what is not being destroyed yet sees the hold before it is.
  const open = await deletions.findOpen(guest);
  if (open?.state === "destroying") {
    await holds.release(hold);
    throw new ToolError(tooLate(guest));
  }
  return {
    kind: "done",
    output: { guest: label, onHold: end, ...(isHeldUp && { deletion: "held up" }) },
  };
}

function tooLate(guest: GuestTarget): string {
  return `${guestLabel(guest)} is being destroyed already.`;
}

function momentOf({ principal: { timeZone }, askedAt }: ToolContext) {
  return { now: askedAt, timeZone };
}

/** @throws RefusedError with the question to ask. */
function readEnd(words: string, target: Target, context: ToolContext): Temporal.Instant {
  const end = resolveWhen(words.replace(/^\s*(?:until|till)\s+/i, ""), momentOf(context));
  if (end.kind === "at") return end.at.toInstant();
  const question = end.kind === "question" ? end.question : "Until when?";
  throw new RefusedError(question, target);
}
