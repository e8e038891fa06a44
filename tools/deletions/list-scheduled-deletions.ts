import { guestLabel } from "#src/actions/guest-target.ts";
import { defineTool, type Tool } from "#src/actions/tool.ts";
import { confirmersOf, type Deletion } from "#src/deletions/deletion.ts";
import type { DeletionStore } from "#src/deletions/deletion-store.ts";
import { plainText } from "#src/plain-text.ts";
import { describeInstant } from "#src/when/describe-instant.ts";
import { defineInput, z } from "#tools/schema.ts";
import { describeState } from "./describe-state.ts";

interface Deps {
  readonly deletions: Pick<DeletionStore, "listOpen">;
}

/** More are never read out; the soonest come first. */
const maxRows = 50;
const maxName = 64;

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

function describe(deletion: Deletion): string {
  const { guest, requestedBy, withoutBackup, ofLease } = deletion;
  const confirmers = confirmersOf(deletion)
    .map(({ name }) => plainText(name, maxName))
    .join(" and ");
  return [
    guestLabel(guest),
    ofLease ? "the end of its lease" : `requested by ${plainText(requestedBy.name, maxName)}`,
    confirmers ? `confirmed by ${confirmers}` : "not confirmed yet",
    ...(withoutBackup ? ["without a backup"] : []),
    ...describeState(deletion),
  ].join(", ");
}
