import { guestLabel } from "#src/actions/guest-target.ts";
import { defineTool, type Tool } from "#src/actions/tool.ts";
import type { Hold, HoldStore } from "#src/holds/hold-store.ts";
import type { Moment } from "#src/when/moment.ts";
import { defineInput, z } from "#tools/schema.ts";
import { describeEnd } from "./describe-end.ts";

interface Deps {
  readonly holds: Pick<HoldStore, "list">;
}

/** More are never read out. */
const maxRows = 50;

/** Lists the guests that are on hold. */
export function listHolds({ holds }: Deps): Tool {
  return defineTool({
    name: "list_holds",
    description: "List the guests on hold, which nobody can delete: by whom, why, until when.",
    effect: "read",
    input: defineInput(z.object({})),
    async run(_, { principal, askedAt }) {
      const held = await holds.list();
      if (held.length === 0) return "No guest is on hold.";
      const moment = { now: askedAt, timeZone: principal.timeZone };
      const lines = held.slice(0, maxRows).map((hold) => describe(hold, moment));
      const more = held.length - lines.length;
      return [...lines, ...(more > 0 ? [`${more} more are not shown.`] : [])].join("\n");
    },
  });
}

function describe({ guest, by, reason, until }: Hold, moment: Moment): string {
  return `${guestLabel(guest)}: on hold ${describeEnd(until, moment)}, by ${by.name} (${reason})`;
}
