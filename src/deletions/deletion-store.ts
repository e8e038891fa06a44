import type { Clock } from "#src/clock.ts";
import { createOutboxStore } from "#src/outbox/outbox-store.ts";
import type { GuestTarget } from "#src/policy/target.ts";
import type { Database } from "#src/storage/database.ts";
import {
  type Claim,
  cancellableStates,
  type Deletion,
  type DeletionTime,
  type DeletionVersion,
  holdableStates,
  movableStates,
  type NewDeletion,
  openStates,
  type Person,
} from "./deletion.ts";
import { createDeletionClaims, type DeletionClaims } from "./deletion-claims.ts";
import { guestHeld, takenOver } from "./deletion-notices.ts";
import { fromRow, requestColumns, timeColumns, toRow } from "./deletion-row.ts";

/**
 * The schedule of deletions. A guest has at most one that is open. Each change is one conditional
 * statement, which tells whether it still found what it is meant for. A person's word counts
 * whoever is at work on the deletion: it ends their claim.
 */
export interface DeletionStore extends DeletionClaims {
  /** Undefined when a deletion of this guest is open already. */
  schedule(deletion: NewDeletion): Promise<Deletion | undefined>;
  /** With its latest claim, whoever holds it. */
  find(id: string): Promise<Claim | undefined>;
  findOpen(guest: Pick<GuestTarget, "vmid" | "fingerprint">): Promise<Deletion | undefined>;
  /** Soonest first. */
  listOpen(): Promise<readonly Deletion[]>;
  /** Those of which a backup is kept, the latest first, also where the guest is back by now. */
  listRestorable(): Promise<readonly Deletion[]>;
  /**
   * Records under which VMID the guest of one comes back; false when it came back otherwise than
   * the caller knows.
   *
   * @param before under which it came back before
   */
  markRestored(id: string, before: number | undefined, vmid: number): Promise<boolean>;
  /** Gives one another time, as a new revision that needs its own confirmation. */
  reschedule(version: DeletionVersion, time: NewTime): Promise<Deletion | undefined>;
  /**
   * Makes the end of a lease a deletion that a person has asked for, as a new revision, and tells
   * whose lease it was.
   *
   * @returns undefined where it is no more the end of a lease than it was seen
   */
  takeOver(end: Deletion, deletion: NewDeletion): Promise<Deletion | undefined>;
  /** Cancels one that nobody has confirmed, and whose preparation has not begun. */
  withdraw(version: DeletionVersion, reason: string): Promise<boolean>;
  /** Cancels one, whatever its revision, until it is being destroyed: this way is always safe. */
  cancel(id: string, by: Person): Promise<boolean>;
  /**
   * Has those of this VMID wait for a person, until they are being destroyed, and tells people why.
   * The end of a lease waits for one anyway.
   *
   * @returns whether there was one
   */
  hold(vmid: number, reason: string): Promise<boolean>;
}

/** A time that a person asks for, and whether the guest goes without a backup. */
export type NewTime = DeletionTime & {
  readonly withoutBackup?: boolean | undefined;
  readonly beyondLimit?: boolean | undefined;
};

/**
 * @param mintId makes the id of a new deletion, which is its event's id too.
 */
export function createDeletionStore(
  db: Database,
  clock: Clock,
  mintId: () => string,
): DeletionStore {
  const now = () => clock.now().epochMilliseconds;
  const select = () => db.selectFrom("deletion").selectAll();

  /** Gives the time to this very version, if a person's word still counts for it. */
  const move = (
    on: Database,
    { id, revision }: DeletionVersion,
    { withoutBackup = false, beyondLimit = false, ...time }: NewTime,
  ) =>
    on
      .updateTable("deletion")
      .set(({ eb }) => ({
        ...timeColumns(time, now()),
        // One that is not in the calendar yet has still to get there.
        state: eb.case().when("event_etag", "is", null).then("inserting").else("planned").end(),
        revision: revision + 1,
        without_backup: Number(withoutBackup),
        beyond_limit: Number(beyondLimit),
        reason: null,
        begun_at: null,
        attempts: 0,
        next_at: now(),
      }))
      .where("id", "=", id)
      .where("revision", "=", revision)
      .where("state", "in", movableStates)
      .returningAll();

  return {
    ...createDeletionClaims(db, clock),

    async schedule(deletion) {
      const row = await db
        .insertInto("deletion")
        .values(toRow(deletion, mintId(), now()))
        .onConflict((conflict) => conflict.doNothing())
        .returningAll()
        .executeTakeFirst();
      return row && fromRow(row);
    },

    async find(id) {
      const row = await select().where("id", "=", id).executeTakeFirst();
      return row && fromRow(row);
    },

    async findOpen({ vmid, fingerprint }) {
      const row = await select()
        .where("state", "in", openStates)
        .where("vmid", "=", vmid)
        .where("fingerprint", "=", fingerprint)
        .executeTakeFirst();
      return row && fromRow(row);
    },

    async listOpen() {
      const rows = await select().where("state", "in", openStates).orderBy("due_at").execute();
      return rows.map(fromRow);
    },

    async listRestorable() {
      const rows = await select()
        .where("state", "in", ["done", "failed"])
        .where("backup_volume", "is not", null)
        .orderBy("committed_at", (order) => order.desc().nullsLast())
        .execute();
      return rows.map(fromRow);
    },

    async markRestored(id, before, vmid) {
      const { numUpdatedRows } = await db
        .updateTable("deletion")
        .set({ restored_as: vmid })
        .where("id", "=", id)
        .where("restored_as", before === undefined ? "is" : "=", before ?? null)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },

    async reschedule(version, time) {
      const row = await move(db, version, time).executeTakeFirst();
      return row && fromRow(row);
    },

    takeOver: (end, deletion) =>
      db.transaction().execute(async (transaction) => {
        const row = await move(transaction, end, deletion)
          .set(requestColumns(deletion, now()))
          .where("of_lease", "=", 1)
          .where("confirmed_by", "is", null)
          .executeTakeFirst();
        if (!row) return undefined;
        const taken = fromRow(row);
        const outbox = createOutboxStore(transaction, clock);
        for (const notice of takenOver(end, taken, clock.now())) await outbox.add(notice);
        return taken;
      }),

    async withdraw({ id, revision }, reason) {
      const { numUpdatedRows } = await db
        .updateTable("deletion")
        .set({ state: "cancelled", reason, attempts: 0, next_at: now() })
        .where("id", "=", id)
        .where("revision", "=", revision)
        .where("confirmed_by", "is", null)
        .where("state", "in", movableStates)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },

    async cancel(id, by) {
      const { numUpdatedRows } = await db
        .updateTable("deletion")
        .set({
          state: "cancelled",
          reason: `Cancelled by ${by.name}.`,
          attempts: 0,
          next_at: now(),
        })
        .where("id", "=", id)
        .where("state", "in", cancellableStates)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },

    hold: (vmid, reason) =>
      db.transaction().execute(async (transaction) => {
        const rows = await transaction
          .updateTable("deletion")
          .set({ state: "held", reason, attempts: 0, next_at: now() })
          .where("vmid", "=", vmid)
          .where("state", "in", holdableStates)
          .where(({ eb, or }) => or([eb("of_lease", "=", 0), eb("confirmed_by", "is not", null)]))
          .returningAll()
          .execute();
        const outbox = createOutboxStore(transaction, clock);
        for (const notice of rows.flatMap((row) => guestHeld(fromRow(row), reason))) {
          await outbox.add(notice);
        }
        return rows.length > 0;
      }),
  };
}
