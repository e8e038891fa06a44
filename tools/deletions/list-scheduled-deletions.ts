import { guestLabel } from "#src/actions/guest-target.ts";
import { defineTool, type Tool } from "#src/actions/tool.ts";
import type { Deletion, DeletionStore } from "#src/deletions/deletion-store.ts";
import { describeInstant } from "#src/when/describe-instant.ts";
import { defineInput, z } from "#tools/schema.ts";

interface Deps {
  readonly deletions: Pick<DeletionStore, "listOpen">;
}

/** More are never read out; the soonest come first. */
const maxRows = 50;

/** Lists the deletions that are still to come, and those that wait for a person. */
export function listScheduledDeletions({ deletions }: Deps): Tool {
  return defineTool({
    name: "list_scheduled_deletions",
    description: "List the deletions that are scheduled: guest, time, who asked, who confirmed.",
    effect: "read",
    input: defineInput(z.object({})),
    async run(_, { principal, askedAt }) {
      const open = await deletions.listOpen();
      if (open.length === 0) return "No deletion is scheduled.";
      const moment = { now: askedAt, timeZone: principal.timeZone };
      const lines = open
        .slice(0, maxRows)
        .map((deletion) => `${describeInstant(deletion.dueAt, moment)}: ${describe(deletion)}`);
      const more = open.length - lines.length;
      return [...lines, ...(more > 0 ? [`${more} later ones are not shown.`] : [])].join("\n");
    },
  });
}

function describe({ guest, requestedBy, confirmedBy, state, reason }: Deletion): string {
  const confirmed = confirmedBy ? `confirmed by ${confirmedBy.name}` : "not confirmed";
  const facts = [guestLabel(guest), `requested by ${requestedBy.name}`, confirmed];
  if (state === "executing") facts.push("being carried out");
  if (state === "held") facts.push(`on hold: ${reason}`);
  return facts.join(", ");
}
