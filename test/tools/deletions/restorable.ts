import { Temporal } from "temporal-polyfill";
import type { NewDeletion } from "#src/deletions/deletion.ts";
import type { DeletionChange } from "#src/deletions/deletion-row.ts";
import type { DeletionStore } from "#src/deletions/deletion-store.ts";
import { aNewDeletion, changeAs } from "#test/support/deletions.ts";

/** Adds a deletion that was carried out at this instant, and of which a backup is kept. */
export async function addRestorable(
  deletions: DeletionStore,
  at: string,
  facts: Partial<NewDeletion["guest"]> = {},
  change: DeletionChange = {},
): Promise<void> {
  const committedAt = Temporal.Instant.from(at);
  const guest = { ...aNewDeletion().guest, ...facts };
  const deletion = await deletions.schedule(
    aNewDeletion({ guest, dueAt: committedAt.subtract({ hours: 48 }) }),
  );
  if (!deletion) throw new Error(`A deletion of ${guest.vmid} is open.`);
  const volume = `backup-nfs:backup/vzdump-lxc-${guest.vmid}-${committedAt.epochMilliseconds}`;
  const until = committedAt.add({ hours: 30 * 24 });
  const backup = { storage: "backup-nfs", volume, until };
  await changeAs(deletions, deletion, { state: "done", committedAt, backup, ...change });
}
