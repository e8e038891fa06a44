import type { Database } from "#src/storage/database.ts";
import type { Revision } from "./incoming.ts";

/** Messages that have arrived and wait behind others of their thread. */
export interface WaitingMessages {
  /**
   * Lets a message say what its author has made of it, or nothing if it was taken back. One that
   * was begun stays as it was read: what a person changes afterwards is no order.
   */
  revise(revision: Revision): Promise<void>;
}

export function createWaitingMessages(db: Database, teamId: string): WaitingMessages {
  const keyOf = ({ channel, ts }: Revision) => `msg:${teamId}:${channel}:${ts}`;

  function change(key: string, values: { readonly state?: "done"; readonly payload: string }) {
    const waiting = db.updateTable("inbox").where("key", "=", key).where("state", "=", "received");
    return waiting.set(values).execute();
  }

  return {
    async revise(revision) {
      const key = keyOf(revision);
      if (revision.text === undefined) {
        await change(key, { state: "done", payload: "" });
        return;
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
