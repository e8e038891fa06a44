import type { Updateable } from "kysely";
import type { Clock } from "#src/clock.ts";
import type { Database } from "#src/storage/database.ts";
import type { InboxTable } from "#src/storage/schema.ts";
import type { Revision } from "./incoming.ts";

/** Messages that have arrived and wait behind others of their thread. */
export interface WaitingMessages {
  /**
   * Lets a message say what its author has made of it, or nothing if it was taken back. One that
   * was begun stays as it was read: what a person changes afterwards is no order.
   */
  revise(revision: Revision): Promise<void>;
}

export function createWaitingMessages(db: Database, clock: Clock, teamId: string): WaitingMessages {
  const keyOf = ({ channel, ts }: Revision) => `msg:${teamId}:${channel}:${ts}`;

  async function change(key: string, values: Updateable<InboxTable>): Promise<void> {
    const waiting = db.updateTable("inbox").where("key", "=", key).where("state", "=", "received");
    await waiting.set(values).execute();
  }

  return {
    async revise(revision) {
      const key = keyOf(revision);
      if (revision.text === undefined) {
        const done_at = clock.now().epochMilliseconds;
        return change(key, { state: "done", payload: "", done_at });
      }
      const row = await db
        .selectFrom("inbox")
        .select("payload")
        .where("key", "=", key)
        .where("state", "=", "received")
        .executeTakeFirst();
      if (row) await change(key, { payload: withText(row.payload, revision.text) });
    },
  };
}

function withText(payload: string, text: string): string {
  const body = JSON.parse(payload);
  return JSON.stringify({ ...body, event: { ...body.event, text } });
}
