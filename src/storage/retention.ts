import { sql } from "kysely";
import type { Database } from "./database.ts";

/** In which a deletion is over. */
const ended = ["done", "cancelled", "failed"];

/**
 * Forgets what is over since before this instant, epoch milliseconds: questions and notices, whole
 * conversations of which nothing is newer, threads without a conversation, and deletions with
 * nothing left to do and no backup left. The audit log forgets nothing.
 */
export async function forgetOld(db: Database, before: number): Promise<void> {
  await db.deleteFrom("confirmation").where("expires_at", "<", before).execute();
  await forgetConversations(db, before);
  await forgetDeletions(db, before);
  await forgetNotices(db, before);
}

async function forgetConversations(db: Database, before: number): Promise<void> {
  const old = db
    .selectFrom("session_item")
    .select("conversation")
    .groupBy("conversation")
    .having(({ fn }) => fn.max("at"), "<", before);
  await db.deleteFrom("session_item").where("conversation", "in", old).execute();
  await db
    .deleteFrom("slack_thread")
    .where("engaged_at", "<", before)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom("session_item")
            .select("session_item.seq")
            .where(sql<boolean>`session_item.conversation = 'slack:' || slack_thread.thread`),
        ),
      ),
    )
    .execute();
}

async function forgetDeletions(db: Database, before: number): Promise<void> {
  await db
    .deleteFrom("deletion")
    .where("state", "in", ended)
    .where("backup_volume", "is", null)
    .where("next_at", "is", null)
    .where((eb) => eb.or([eb("event_gone", "=", 1), eb("event_etag", "is", null)]))
    .where(({ fn, ref }) => fn.coalesce(ref("committed_at"), ref("due_at")), "<", before)
    .execute();
}

/** By the key of a notice it is known that it was said: as long as its deletion is open, that counts. */
async function forgetNotices(db: Database, before: number): Promise<void> {
  await db
    .deleteFrom("outbox")
    .where("state", "in", ["sent", "dead"])
    .where("created_at", "<", before)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom("deletion")
            .select("deletion.id")
            .where("deletion.state", "not in", ended)
            .where(sql<boolean>`outbox.key like deletion.id || ':%'`),
        ),
      ),
    )
    .execute();
}
