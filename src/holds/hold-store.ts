import type { ExpressionBuilder } from "kysely";
import { Temporal } from "temporal-polyfill";
import type { Clock } from "#src/clock.ts";
import type { GuestTarget } from "#src/policy/target.ts";
import type { Database } from "#src/storage/database.ts";
import type { HoldTable, Tables } from "#src/storage/schema.ts";

/** The guest that is held, as it was then. */
export type HeldGuest = Pick<GuestTarget, "vmid" | "kind" | "name" | "node" | "fingerprint">;

/** A person's word that a guest is to stay, for whatever reason. */
export interface Hold {
  readonly guest: HeldGuest;
  readonly by: { readonly id: string; readonly name: string };
  readonly reason: string;
  readonly since: Temporal.Instant;
  /** When it ends by itself; absent where a person has to end it. */
  readonly until?: Temporal.Instant | undefined;
  /** When a person ended it. */
  readonly endedAt?: Temporal.Instant | undefined;
}

export type NewHold = Pick<Hold, "guest" | "by" | "reason" | "until">;

/**
 * The holds. A VMID has one at most, and the latest is kept after its end, so that nothing that was
 * decided before or meanwhile goes on because of that end.
 *
 * A hold is on the VMID, whatever guest has it: disks that move change a container's fingerprint,
 * and must not end a hold. That it may hold up a successor is the safer mistake.
 */
export interface HoldStore {
  /** Undefined where one is in force already. */
  place(hold: NewHold): Promise<Hold | undefined>;
  /**
   * Ends the one that began at this instant, and no other.
   *
   * @returns whether it was still in force
   */
  release(hold: Pick<Hold, "guest" | "since">): Promise<boolean>;
  /** The latest, in force or not. */
  find(vmid: number): Promise<Hold | undefined>;
  /** Those in force, by VMID. */
  list(): Promise<readonly Hold[]>;
}

/** Whether the guest must not be deleted because of it. */
export function isInForce(hold: Hold, now: Temporal.Instant): boolean {
  const end = endOf(hold);
  return end === undefined || Temporal.Instant.compare(now, end) < 0;
}

/** When it ended, or will end by itself; undefined where only a person ends it. */
export function endOf({ until, endedAt }: Hold): Temporal.Instant | undefined {
  if (!until || !endedAt) return endedAt ?? until;
  return Temporal.Instant.compare(endedAt, until) < 0 ? endedAt : until;
}

export function createHoldStore(db: Database, clock: Clock): HoldStore {
  const now = () => clock.now().epochMilliseconds;
  const inForce = ({ and, or, eb }: ExpressionBuilder<Tables, "hold">) =>
    and([
      eb("hold.ended_at", "is", null),
      or([eb("hold.until", "is", null), eb("hold.until", ">", now())]),
    ]);

  return {
    async place({ guest, by, reason, until }) {
      const { vmid, kind, name, node, fingerprint } = guest;
      const row: HoldTable = {
        ...{ vmid, kind, name, node, fingerprint },
        by_id: by.id,
        by_name: by.name,
        reason,
        since: now(),
        until: until?.epochMilliseconds ?? null,
        ended_at: null,
      };
      const { numInsertedOrUpdatedRows } = await db
        .insertInto("hold")
        .values(row)
        .onConflict((conflict) =>
          conflict
            .column("vmid")
            .doUpdateSet(row)
            .where((eb) => eb.not(inForce(eb))),
        )
        .executeTakeFirstOrThrow();
      return numInsertedOrUpdatedRows === 1n ? fromRow(row) : undefined;
    },

    async release({ guest, since }) {
      const { numUpdatedRows } = await db
        .updateTable("hold")
        .set({ ended_at: now() })
        .where("vmid", "=", guest.vmid)
        .where("since", "=", since.epochMilliseconds)
        .where(inForce)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },

    async find(vmid) {
      const query = db.selectFrom("hold").selectAll().where("vmid", "=", vmid);
      const row = await query.executeTakeFirst();
      return row && fromRow(row);
    },

    async list() {
      const query = db.selectFrom("hold").selectAll().where(inForce);
      const rows = await query.orderBy("vmid").execute();
      return rows.map(fromRow);
    },
  };
}

function fromRow(row: HoldTable): Hold {
  const { vmid, name, node, fingerprint, reason, until, ended_at: endedAt } = row;
  return {
    guest: { vmid, kind: row.kind as HeldGuest["kind"], name, node, fingerprint },
    by: { id: row.by_id, name: row.by_name },
    reason,
    since: instantOf(row.since),
    until: until === null ? undefined : instantOf(until),
    endedAt: endedAt === null ? undefined : instantOf(endedAt),
  };
}

function instantOf(milliseconds: number): Temporal.Instant {
  return Temporal.Instant.fromEpochMilliseconds(milliseconds);
}
