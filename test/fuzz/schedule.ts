import type { Temporal } from "temporal-polyfill";
import type { Deletion, NewDeletion } from "#src/deletions/deletion.ts";
import { toRow } from "#src/deletions/deletion-row.ts";
import type { DeletionStore } from "#src/deletions/deletion-store.ts";
import { tooManyReason } from "#src/deletions/held-reasons.ts";
import type { HoldStore } from "#src/holds/hold-store.ts";
import type { Database } from "#src/storage/database.ts";
import type { Random } from "#test/sim/random.ts";
import type { Observer } from "./observer.ts";

/** The store of deletions, each change of which the observer sees. */
export function observed(store: DeletionStore, observer: () => Observer): DeletionStore {
  function moved(row: Deletion, tools: readonly string[]): void {
    observer().acted({
      tools,
      fingerprint: row.guest.fingerprint,
      deletionId: row.id,
      dueAt: row.dueAt.epochMilliseconds,
      withoutBackup: row.withoutBackup,
      confirmedBy: row.confirmedBy?.id,
    });
  }

  return {
    ...store,
    async schedule(deletion) {
      const row = await store.schedule(deletion);
      if (!row) return row;
      const { guest, requestedBy, confirmedBy, withoutBackup, dueAt } = row;
      const { fingerprint } = guest;
      observer().truth.deletions.set(row.id, {
        id: row.id,
        fingerprint,
        requestedBy: requestedBy.id,
      });
      observer().acted({
        tools: ["schedule_deletion"],
        fingerprint,
        dueAt: dueAt.epochMilliseconds,
        withoutBackup,
        confirmedBy: confirmedBy?.id,
      });
      return row;
    },
    async reschedule(version, time) {
      const row = await store.reschedule(version, time);
      if (row) moved(row, ["reschedule_deletion", "release_held_deletions"]);
      return row;
    },
    async takeOver(end, deletion) {
      const row = await store.takeOver(end, deletion);
      if (row) moved(row, ["schedule_deletion", "reschedule_deletion"]);
      return row;
    },
    async cancel(id, by) {
      const isCancelled = await store.cancel(id, by);
      const { fingerprint } = observer().truth.deletions.get(id) ?? {};
      if (isCancelled) {
        observer().acted({ tools: ["cancel_deletion"], fingerprint, deletionId: id });
      }
      return isCancelled;
    },
  };
}

/** The store of holds, each change of which the observer knows. */
export function observedHolds(store: HoldStore, observer: () => Observer): HoldStore {
  return {
    ...store,
    async place(hold) {
      const placed = await store.place(hold);
      const { held, now } = observer().truth;
      if (placed) held.set(hold.guest.vmid, { since: now(), until: hold.until?.epochMilliseconds });
      return placed;
    },
    async release(hold) {
      // From now on it may have ended.
      observer().truth.held.delete(hold.guest.vmid);
      return store.release(hold);
    },
  };
}

/** Deletions of earlier days: planned, held because they were too many, and done. */
export async function fillSchedule(
  db: Database,
  observer: Observer,
  random: Random,
  now: Temporal.Instant,
): Promise<void> {
  const { world, deletions } = observer.truth;
  const rows = [...world.guests.values()]
    .filter(() => random.chance(0.4))
    .map(({ vmid, kind, name, node, fingerprint }) => {
      const id = `pve0badcafe${fingerprint}`;
      const by = random.pick(["alice", "bob"]);
      deletions.set(id, { id, fingerprint, requestedBy: by });
      const deletion: NewDeletion = {
        guest: { vmid, kind, name, node, fingerprint },
        dueAt: now.add({ hours: random.between(1, 72) }),
        timeZone: "UTC",
        requestedBy: { id: by, name: by },
        confirmedBy: { id: by, name: by },
      };
      const row = toRow(deletion, id, now.epochMilliseconds);
      const state = random.pick(["planned", "held", "done", "preparing"] as const);
      if (state === "done") world.guests.delete(vmid);
      const isDone = state === "done";
      return {
        ...row,
        state,
        reason: state === "held" ? tooManyReason : null,
        backup_storage: isDone ? "backup" : null,
        backup_volume: isDone ? `backup:${id}` : null,
        committed_at: isDone ? now.epochMilliseconds : null,
      };
    });
  if (rows.length > 0) await db.insertInto("deletion").values(rows).execute();
}
