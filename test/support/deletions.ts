import { Temporal } from "temporal-polyfill";
import type { Clock } from "#src/clock.ts";
import type { Claim, Deletion, NewDeletion } from "#src/deletions/deletion.ts";
import type { DeletionChange } from "#src/deletions/deletion-row.ts";
import { createDeletionStore, type DeletionStore } from "#src/deletions/deletion-store.ts";
import { installationOf } from "#src/deletions/installation.ts";
import type { Database } from "#src/storage/database.ts";
import { testDatabase } from "./database.ts";

/** Friday 27 November 2026, 18:00 in Berlin. */
export const friday = Temporal.Instant.from("2026-11-27T17:00:00Z");

/** The deletion of test-runner on {@link friday}, requested by bob and confirmed by alice. */
export function aNewDeletion(facts: Partial<NewDeletion> = {}): NewDeletion {
  return {
    guest: { vmid: 103, kind: "ct", name: "test-runner", node: "pve1", fingerprint: "fp-103" },
    dueAt: friday,
    timeZone: "Europe/Berlin",
    requestedBy: { id: "bob", name: "Bob" },
    confirmedBy: { id: "alice", name: "Alice" },
    ...facts,
  };
}

/** An empty schedule, in a database of its own unless one is given. */
export async function anEmptySchedule(clock: Clock, db?: Database): Promise<DeletionStore> {
  const { mintId } = installationOf("0badcafe");
  return createDeletionStore(db ?? (await testDatabase()), clock, mintId);
}

/** Changes a deletion as the scheduler does, whatever its state is. */
export async function changeAs(
  deletions: DeletionStore,
  { id }: Pick<Deletion, "id">,
  change: DeletionChange,
): Promise<void> {
  const claims = await deletions.claimDue("test", 1000);
  const own = (claim: Claim) => claim.id === id;
  for (const claim of claims) await deletions.release(claim, own(claim) ? change : {});
  if (!claims.some(own)) throw new Error(`${id} does not want attention now.`);
}
