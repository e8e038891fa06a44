import type { UpdateResult } from "kysely";
import type { Temporal } from "temporal-polyfill";
import type { Clock } from "#src/clock.ts";
import { createOutboxStore, type Notice } from "#src/outbox/outbox-store.ts";
import type { GuestTarget } from "#src/policy/target.ts";
import type { Database } from "#src/storage/database.ts";
import {
  type Claim,
  cancellableStates,
  type Deletion,
  type DeletionTime,
  type DeletionVersion,
  movableStates,
  type NewDeletion,
  openStates,
  type Person,
} from "./deletion.ts";
import { type DeletionChange, fromRow, timeColumns, toColumns, toRow } from "./deletion-row.ts";

/** How many deletions may begin within how long. */
export interface Limit {
  readonly count: number;
  readonly within: Temporal.DurationLike;
}

/**
 * The schedule of deletions. A guest has at most one that is open. Each change is one conditional
 * statement, which tells whether it still found what it is meant for; what people are to be told of
 * it goes into the outbox in the same transaction.
 */
export interface DeletionStore {
  /** Undefined when a deletion of this guest is open already. */
  schedule(deletion: NewDeletion): Promise<Deletion | undefined>;
  find(id: string): Promise<Deletion | undefined>;
  findOpen(guest: Pick<GuestTarget, "vmid" | "fingerprint">): Promise<Deletion | undefined>;
  /** Soonest first. */
  listOpen(): Promise<readonly Deletion[]>;
  /** Those of which a backup is kept, the latest first. */
  listRestorable(): Promise<readonly Deletion[]>;
  /** Gives one another time, as a new revision that needs its own confirmation. */
  reschedule(version: DeletionVersion, time: NewTime): Promise<Deletion | undefined>;
  /** Cancels one, whatever its revision, until it is being destroyed: this way is always safe. */
  cancel(id: string, by: Person): Promise<boolean>;

  /** Takes up to `limit` that want attention and that nobody works on, for as long as a lease lasts. */
  claimDue(owner: string, limit: number): Promise<readonly Claim[]>;
  /** Changes a claimed one and keeps it for another lease; undefined when the claim is lost. */
  advance(
    claim: Claim,
    change: DeletionChange,
    notices?: readonly Notice[],
  ): Promise<Claim | undefined>;
  /** Changes a claimed one and lets it go; false when the claim is lost. */
  release(claim: Claim, change: DeletionChange, notices?: readonly Notice[]): Promise<boolean>;
  /** From planned to preparing, where the limit leaves room; like {@link advance} otherwise. */
  begin(claim: Claim, limit: Limit): Promise<Claim | "limit" | undefined>;
}

/** A time that a person asks for, and whether the guest goes without a backup. */
export type NewTime = DeletionTime & {
  readonly withoutBackup?: boolean | undefined;
  readonly beyondLimit?: boolean | undefined;
};

/** Every remote call in between takes less than half a minute. */
export const leaseTime = { minutes: 5 } as const;

/**
 * @param mintId makes the id of a new deletion, which is its event's id too.
 */
export function createDeletionStore(
  db: Database,
  clock: Clock,
  mintId: () => string,
): DeletionStore {
  const now = () => clock.now().epochMilliseconds;
  const leaseEnd = () => clock.now().add(leaseTime).epochMilliseconds;

  const select = () => db.selectFrom("deletion").selectAll();

  /** The claimed row, if the claim still holds: not taken over, not moved, not cancelled. */
  const claimed = (on: Database, { id, fence, revision, state }: Claim) =>
    on
      .updateTable("deletion")
      .where("id", "=", id)
      .where("fence", "=", fence)
      .where("revision", "=", revision)
      .where("state", "=", state);

  async function change(
    claim: Claim,
    set: ReturnType<typeof toColumns>,
    notices: readonly Notice[] = [],
  ): Promise<Claim | undefined> {
    return db.transaction().execute(async (transaction) => {
      const row = await claimed(transaction, claim).set(set).returningAll().executeTakeFirst();
      if (!row) return undefined;
      const outbox = createOutboxStore(transaction, clock);
      for (const notice of notices) await outbox.add(notice);
      return fromRow(row);
    });
  }

  return {
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
        .orderBy("committed_at", "desc")
        .execute();
      return rows.map(fromRow);
    },

    async reschedule({ id, revision }, { withoutBackup = false, beyondLimit = false, ...time }) {
      const row = await db
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
        .returningAll()
        .executeTakeFirst();
      return row && fromRow(row);
    },

    async cancel(id, by) {
      const update = db
        .updateTable("deletion")
        .set({ state: "cancelled", reason: `Cancelled by ${by.name}.`, next_at: now() })
        .where("id", "=", id)
        .where("state", "in", cancellableStates);
      return succeeded(await update.executeTakeFirst());
    },

    async claimDue(owner, limit) {
      const free = [now(), leaseEnd()] as const;
      const due = db
        .selectFrom("deletion")
        .select("id")
        .where("next_at", "<=", free[0])
        // A lease that ends later than any can was given by a clock that has been put back since.
        .where((or) => or.or([or("lease_until", "<=", free[0]), or("lease_until", ">", free[1])]))
        .orderBy("next_at")
        .limit(limit);
      const rows = await db
        .updateTable("deletion")
        .set(({ eb }) => ({ owner, lease_until: free[1], fence: eb("fence", "+", 1) }))
        .where("id", "in", due)
        .where((or) => or.or([or("lease_until", "<=", free[0]), or("lease_until", ">", free[1])]))
        .returningAll()
        .execute();
      return rows.map(fromRow).sort(byAttention);
    },

    advance: (claim, { ...set }, notices) =>
      change(claim, { ...toColumns(set), lease_until: leaseEnd() }, notices),

    async release(claim, set, notices) {
      const free = { owner: null, lease_until: 0 };
      return (await change(claim, { ...toColumns(set), ...free }, notices)) !== undefined;
    },

    async begin(claim, { count, within }) {
      const since = clock.now().subtract(within).epochMilliseconds;
      const begun = db
        .selectFrom("deletion")
        .select(({ fn }) => fn.countAll<number>().as("begun"))
        .where("begun_at", ">", since);
      const row = await claimed(db, claim)
        .set({ state: "preparing", begun_at: now(), attempts: 0, lease_until: leaseEnd() })
        .where((or) => or.or([or("beyond_limit", "=", 1), or(begun, "<", count)]))
        .returningAll()
        .executeTakeFirst();
      if (row) return fromRow(row);
      const present = await select().where("id", "=", claim.id).executeTakeFirst();
      const isOurs = present?.fence === claim.fence && present.state === claim.state;
      return isOurs && present.revision === claim.revision ? "limit" : undefined;
    },
  };
}

function byAttention(a: Claim, b: Claim): number {
  return (a.nextAt?.epochMilliseconds ?? 0) - (b.nextAt?.epochMilliseconds ?? 0);
}

/** Whether the conditions of a conditional update held. */
function succeeded(result: UpdateResult | undefined): boolean {
  return result?.numUpdatedRows === 1n;
}
