import { Temporal } from "temporal-polyfill";
import type { Clock } from "#src/clock.ts";
import type { GuestTarget } from "#src/policy/target.ts";
import type { Database } from "#src/storage/database.ts";
import type { LeaseTable } from "#src/storage/schema.ts";

/** A guest that lives, or has lived, under a lease. */
export interface Lease {
  readonly guest: Pick<GuestTarget, "vmid" | "kind" | "name" | "fingerprint">;
  readonly beganAt: Temporal.Instant;
}

/**
 * Since when guests live under leases. A guest keeps its beginning for as long as it is there:
 * neither a change of its tags nor one of the policy makes it young again.
 */
export interface LeaseStore {
  list(): Promise<readonly Lease[]>;
  /** The guest's lease, which begins now where it had none; that of an earlier guest ends. */
  note(guest: Lease["guest"]): Promise<Lease>;
  /** Of a guest that is gone; the one that has its VMID by now keeps its own. */
  forget(guest: Pick<Lease["guest"], "vmid" | "fingerprint">): Promise<void>;
}

export function createLeaseStore(db: Database, clock: Clock): LeaseStore {
  return {
    async list() {
      const rows = await db.selectFrom("lease").selectAll().orderBy("vmid").execute();
      return rows.map(fromRow);
    },

    async note({ vmid, kind, name, fingerprint }) {
      const now = clock.now().epochMilliseconds;
      const row = { vmid, kind, name, fingerprint, began_at: now };
      const kept = await db
        .insertInto("lease")
        .values(row)
        .onConflict((conflict) =>
          conflict.column("vmid").doUpdateSet((eb) => ({
            ...{ kind, name, fingerprint },
            began_at: eb
              .case()
              .when("lease.fingerprint", "=", fingerprint)
              .then(eb.ref("lease.began_at"))
              .else(now)
              .end(),
          })),
        )
        .returningAll()
        .executeTakeFirstOrThrow();
      return fromRow(kept);
    },

    async forget({ vmid, fingerprint }) {
      const row = db.deleteFrom("lease").where("vmid", "=", vmid);
      await row.where("fingerprint", "=", fingerprint).execute();
    },
  };
}

function fromRow({ vmid, kind, name, fingerprint, began_at }: LeaseTable): Lease {
  return {
    guest: { vmid, kind: kind as Lease["guest"]["kind"], name, fingerprint },
    beganAt: Temporal.Instant.fromEpochMilliseconds(began_at),
  };
}
