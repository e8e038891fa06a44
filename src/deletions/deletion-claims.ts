import type { ExpressionBuilder } from "kysely";
import type { Temporal } from "temporal-polyfill";
import type { Clock } from "#src/clock.ts";
import { createOutboxStore, type Notice } from "#src/outbox/outbox-store.ts";
import type { Database } from "#src/storage/database.ts";
import { lock } from "#src/storage/lock.ts";
import type { Tables } from "#src/storage/schema.ts";
import type { Claim } from "./deletion.ts";
import { type DeletionChange, fromRow, toColumns } from "./deletion-row.ts";

/** How many deletions may begin within how long. */
export interface Limit {
  readonly count: number;
  readonly within: Temporal.DurationLike;
}

/**
 * The part of the schedule that is for those who carry it out. What people are to be told of a
 * change goes into the outbox in the same transaction.
 */
export interface DeletionClaims {
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
  /** From planned to preparing, where the limit leaves room; like {@link DeletionClaims.advance} otherwise. */
  begin(claim: Claim, limit: Limit): Promise<Claim | "limit" | undefined>;
}

/** Every remote call in between takes less than half a minute. */
const leaseTime = 5 * 60_000;

/** Claims on the deletions in the database; a lost one changes nothing and says nothing. */
export function createDeletionClaims(db: Database, clock: Clock): DeletionClaims {
  const now = () => clock.now().epochMilliseconds;
  const leaseEnd = (leases = 1) => now() + leases * leaseTime;

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
          .set({
            state: "preparing",
            begun_at: now(),
            attempts: 0,
            reason: null,
            lease_until: leaseEnd(),
          })
          .where((eb) => eb.or([eb("beyond_limit", "=", 1), eb(begun, "<", count)]))
          .returningAll()
          .executeTakeFirst();
        if (row) return fromRow(row);
        // Still ours, then: what failed is the limit.
        const kept = await claimed(transaction, claim)
          .where("state", "=", "planned")
          .set({ lease_until: leaseEnd() })
          .executeTakeFirst();
        return kept.numUpdatedRows === 1n ? "limit" : letGo(transaction, claim);
      });
    },
  };
}
