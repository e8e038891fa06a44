import type { AuditLog } from "#src/audit/audit-log.ts";
import type { Database } from "#src/storage/database.ts";
import { noticeOf } from "./audit-notices.ts";
import type { OutboxStore } from "./outbox-store.ts";

/** Puts into the outbox what the channel should hear of the audit log. */
export interface AuditReporter {
  /** Takes up where it ended, also in another process; the log's past before its first run is left alone. */
  report(): Promise<void>;
}

interface Deps {
  readonly db: Database;
  readonly audit: Pick<AuditLog, "after" | "tail">;
  readonly outbox: Pick<OutboxStore, "add">;
  /** The channel's. */
  readonly timeZone: string;
}

const name = "channel-notices";
const pageSize = 100;

/**
 * The audit log is where the news come from: what is in it happened, and a crash between an act and
 * its notice loses nothing, because the reader goes on from its cursor.
 */
export function createAuditReporter({ db, audit, outbox, timeZone }: Deps): AuditReporter {
  async function position(): Promise<number> {
    const query = db.selectFrom("cursor").select("position").where("name", "=", name);
    const found = await query.executeTakeFirst();
    if (found) return found.position;
    const [latest] = await audit.tail({ limit: 1 });
    await moveTo(latest?.seq ?? 0);
    return latest?.seq ?? 0;
  }

  async function moveTo(position: number): Promise<void> {
    await db
      .insertInto("cursor")
      .values({ name, position })
      .onConflict((conflict) => conflict.column("name").doUpdateSet({ position }))
      .execute();
  }

  return {
    async report() {
      let seq = await position();
      for (;;) {
        const records = await audit.after(seq, pageSize);
        for (const record of records) {
          const message = noticeOf(record, timeZone);
          if (message)
            await outbox.add({ key: `audit:${record.seq}`, recipient: "channel", message });
          seq = record.seq;
        }
        if (records.length > 0) await moveTo(seq);
        if (records.length < pageSize) return;
      }
    },
  };
}
