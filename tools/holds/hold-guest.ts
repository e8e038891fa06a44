import type { Temporal } from "temporal-polyfill";
import { guestLabel, guestTarget } from "#src/actions/guest-target.ts";
import {
  defineTool,
  RefusedError,
  type Tool,
  type ToolContext,
  ToolError,
} from "#src/actions/tool.ts";
import type { DeletionStore } from "#src/deletions/deletion-store.ts";
import type { HoldStore } from "#src/holds/hold-store.ts";
import { plainText } from "#src/plain-text.ts";
import { describeHold } from "#src/policy/hold.ts";
import type { Target } from "#src/policy/target.ts";
import type { Guests } from "#src/proxmox/guest.ts";
import { resolveWhen } from "#src/when/when.ts";
import { guestReference } from "#tools/guests/guest-reference.ts";
import { defineInput, z } from "#tools/schema.ts";
import { describeEnd } from "./describe-end.ts";

interface Deps {
  readonly guests: Pick<Guests, "find">;
  readonly holds: Pick<HoldStore, "place">;
  readonly deletions: Pick<DeletionStore, "findOpen" | "hold">;
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

/** Has a guest stay: nobody deletes it until that ends, and nothing is deleted because it has ended. */
export function holdGuest({ guests, holds, deletions }: Deps): Tool {
  return defineTool({
    name: "hold_guest",
    description:
      "Put a guest on hold (vacation, legal reasons): nobody deletes it meanwhile, and a planned deletion is held up.",
    effect: "reversible",
    input,

    async plan({ guest: reference, reason: said, until: words }, context) {
      const guest = await guests.find(String(reference), context.signal);
      const label = guestLabel(guest);
      const target = { guest: guestTarget(guest) };
      const reason = plainText(said, maxReason);
      if (reason === "") throw new RefusedError(`Why is ${label} to stay?`, target);
      if (guest.hold) {
        const instead = "To change that, release the hold first.";
        throw new RefusedError(`${label}: ${describeHold(guest.hold)}. ${instead}`, target);
      }
      const open = await deletions.findOpen(guest);
      if (open?.state === "destroying") {
        throw new RefusedError(`${label} is being destroyed already.`, target);
      }
      const until = words === null ? undefined : readEnd(words, target, context);
      const end = describeEnd(until, momentOf(context));
      const planned = open ? " Its planned deletion is held up." : "";
      return {
        summary: `Put ${label} on hold ${end}: ${reason}. Nobody can delete it meanwhile.${planned}`,
        target,
        reason,
        until,
        end,
      };
    },

    async apply({ target: { guest }, reason, until, end }, { principal: { id, name } }) {
      const by = { id, name: plainText(name, 64) };
      const hold = await holds.place({ guest, by, reason, until });
      if (!hold) throw new ToolError(`${guestLabel(guest)} has been put on hold meanwhile.`);
      const why = describeHold({ by: by.name, reason, until: until?.toString() });
      const isHeldUp = await deletions.hold(guest.vmid, why);
      return {
        kind: "done",
        output: { guest: guestLabel(guest), onHold: end, ...(isHeldUp && { deletion: "held up" }) },
      };
    },
  });
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
