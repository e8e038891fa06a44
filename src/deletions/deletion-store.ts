import type { ExpressionBuilder, UpdateResult } from "kysely";
import { Temporal } from "temporal-polyfill";
import type { Clock } from "#src/clock.ts";
import { createOutboxStore, type Notice } from "#src/outbox/outbox-store.ts";
import type { GuestTarget } from "#src/policy/target.ts";
import type { Database } from "#src/storage/database.ts";
import { lock } from "#src/storage/lock.ts";
import type { Tables } from "#src/storage/schema.ts";
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
  /** With its latest claim, whoever holds it. */
  find(id: string): Promise<Claim | undefined>;
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
  /** Changes a claimed one and lets it go, for good; false when the claim is lost. */
  release(claim: Claim, change: DeletionChange, notices?: readonly Notice[]): Promise<boolean>;
  /** From planned to preparing, where the limit leaves room; like {@link DeletionStore.advance} otherwise. */
  begin(claim: Claim, limit: Limit): Promise<Claim | "limit" | undefined>;
}

/** A time that a person asks for, and whether the guest goes without a backup. */
export type NewTime = DeletionTime & {
  readonly withoutBackup?: boolean | undefined;
  readonly beyondLimit?: boolean | undefined;
};

/** Every remote call in between takes less than half a minute. */
export const leaseTime = { minutes: 5 } as const;
const leaseMilliseconds = Temporal.Duration.from(leaseTime).total("milliseconds");

/**
 * @param mintId makes the id of a new deletion, which is its event's id too.
 */
export function createDeletionStore(
  db: Database,
  clock: Clock,
  mintId: () => string,
): DeletionStore {
  const now = () => clock.now().epochMilliseconds;
  const leaseEnd = (leases = 1) => now() + leases * leaseMilliseconds;

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
      if (!row) return letGo(transaction, claim);
      const outbox = createOutboxStore(transaction, clock);
      for (const notice of notices) await outbox.add(notice);
      return fromRow(row);
    });
  }

  /** Of what a person has changed under the claim: nobody needs to wait for the lease to end. */
  async function letGo(on: Database, { id, fence }: Claim): Promise<undefined> {
    const update = on.updateTable("deletion").set({ owner: null, lease_until: 0 });
    await update.where("id", "=", id).where("fence", "=", fence).execute();
  }

  /** Wants attention, and nobody works on it. */
  const isFree = (eb: ExpressionBuilder<Tables, "deletion">) =>
    eb.and([
      eb("next_at", "<=", now()),
      // One that has longer to go than a lease is from a clock that has been put back since; clocks
      // of two hosts differ, too, but not by the length of another lease.
      eb.or([eb("lease_until", "<=", now()), eb("lease_until", ">", leaseEnd(2))]),
    ]);

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
        .orderBy("committed_at", (order) => order.desc().nullsLast())
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
      const free = db.selectFrom("deletion").select("id").where(isFree);
      const claims: Claim[] = [];
      // One statement each, which no two workers can both succeed with, nor wait for each other.
      for (const { id } of await free.orderBy("next_at").limit(limit).execute()) {
        const row = await db
          .updateTable("deletion")
          .set(({ eb }) => ({ owner, lease_until: leaseEnd(), fence: eb("fence", "+", 1) }))
          .where("id", "=", id)
          .where(isFree)
          .returningAll()
          .executeTakeFirst();
        if (row) claims.push(fromRow(row));
      }
      return claims;
    },

    advance: (claim, set, notices) =>
      change(claim, { ...toColumns(set), lease_until: leaseEnd() }, notices),

    async release(claim, set, notices) {
      const free = { owner: null, lease_until: 0, fence: claim.fence + 1 };
      return (await change(claim, { ...toColumns(set), ...free }, notices)) !== undefined;
    },

    async begin(claim, { count, within }) {
      const since = clock.now().subtract(within).epochMilliseconds;
      return db.transaction().execute(async (transaction) => {
        await lock(transaction, "begin-deletion", now());
        const begun = transaction
          .selectFrom("deletion")
          .select(({ fn }) => fn.countAll<number>().as("begun"))
          .where("begun_at", ">", since);
        const row = await claimed(transaction, claim)
          .where("state", "=", "planned")
          .set({ state: "preparing", begun_at: now(), attempts: 0, lease_until: leaseEnd() })
          .where((eb) => eb.or([eb("beyond_limit", "=", 1), eb(begun, "<", count)]))
          .returningAll()
          .executeTakeFirst();
        if (row) return fromRow(row);
        // Still ours, then: what failed is the limit.
        const kept = await claimed(transaction, claim)
          .where("state", "=", "planned")
          .set({ lease_until: leaseEnd() })
          .executeTakeFirst();
        return succeeded(kept) ? "limit" : letGo(transaction, claim);
      });
    },
  };
}

/** Whether the conditions of a conditional update held. */
function succeeded(result: UpdateResult | undefined): boolean {
  return result?.numUpdatedRows === 1n;
}
