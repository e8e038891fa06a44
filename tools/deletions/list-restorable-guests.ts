import { defineTool, type Tool } from "#src/actions/tool.ts";
import type { DeletionStore } from "#src/deletions/deletion-store.ts";
import type { Vmids } from "#src/proxmox/guest-changes.ts";
import { defineInput, z } from "#tools/schema.ts";
import { linesOf, listRestorable } from "./find-restorable.ts";

interface Deps {
  readonly deletions: Pick<DeletionStore, "listRestorable">;
  readonly vmids: Pick<Vmids, "isFree">;
}

/** Lists the deleted guests of which a backup is kept. */
export function listRestorableGuests(deps: Deps): Tool {
  return defineTool({
    name: "list_restorable_guests",
    description: "List the deleted guests that can still be restored from their backup.",
    effect: "read",
    input: defineInput(z.object({})),
    async run(_, { principal, askedAt, signal }) {
      const rows = await listRestorable(deps, signal);
      if (rows.length === 0) return "No deleted guest can be restored.";
      return linesOf(rows, { now: askedAt, timeZone: principal.timeZone }).join("\n");
    },
  });
}
