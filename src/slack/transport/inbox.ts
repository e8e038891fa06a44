import { Temporal } from "temporal-polyfill";
import type { Clock } from "#src/clock.ts";
import type { Database } from "#src/storage/database.ts";

/** What has arrived, by key and lane. */
export interface InboxEntry {
  readonly key: string;
  readonly lane: string;
}

/** An entry at the beginning of an attempt. */
export interface Begun {
  readonly body: unknown;
  /** Which attempt this is, counted from 1 over all processes. */
  readonly attempt: number;
}

/** Everything that arrived, written down before it is acknowledged, each thing once. */
export interface Inbox {
  /** False when something with this key arrived before. */
  add(entry: InboxEntry, body: unknown): Promise<boolean>;
  /** Counts an attempt; undefined when the entry is finished. */
  begin(key: string): Promise<Begun | undefined>;
  /** `dead` is what was given up. */
  finish(key: string, state: "done" | "dead"): Promise<void>;
  /** What an earlier process left, in the order of its arrival. */
  unfinished(): Promise<readonly (InboxEntry & { readonly body: unknown })[]>;
  /** Forgets what is finished and too old to be delivered again; gives up what is as old and not. */
  prune(): Promise<{ readonly givenUp: readonly string[] }>;
}

/** Slack repeats a delayed event for 24 hours. */
const retention = Temporal.Duration.from({ hours: 25 });

export function createInbox(db: Database, clock: Clock): Inbox {
  const now = () => clock.now().epochMilliseconds;
  let lastAt = 0;

  /** Later than the last: the order of arrival within one millisecond counts, too. */
  function arrival(): number {
    lastAt = Math.max(now(), lastAt + 1);
    return lastAt;
  }

  return {
    async add({ key, lane }, body) {
      const row = { key, lane, payload: JSON.stringify(body), state: "received", attempts: 0 };
      const result = await db
        .insertInto("inbox")
        .values({ ...row, received_at: arrival() })
        .onConflict((conflict) => conflict.column("key").doNothing())
        .executeTakeFirst();
      return result.numInsertedOrUpdatedRows === 1n;
    },

    async begin(key) {
      const row = await db
        .updateTable("inbox")
        .set((eb) => ({ state: "running", attempts: eb("attempts", "+", 1) }))
        .where("key", "=", key)
        .where("state", "in", ["received", "running"])
        .returning(["payload", "attempts"])
        .executeTakeFirst();
      return row && { body: JSON.parse(row.payload), attempt: row.attempts };
    },

    async finish(key, state) {
      // What people wrote is kept no longer than it is needed.
      const set = { state, payload: "", done_at: now() };
      await db.updateTable("inbox").set(set).where("key", "=", key).execute();
    },

    async unfinished() {
      const rows = await db
        .selectFrom("inbox")
        .select(["key", "lane", "payload"])
        .where("state", "in", ["received", "running"])
        .orderBy("received_at")
        .execute();
      return rows.map(({ key, lane, payload }) => ({ key, lane, body: JSON.parse(payload) }));
    },

    async prune() {
      const before = clock.now().subtract(retention).epochMilliseconds;
      await db
        .deleteFrom("inbox")
        .where("state", "in", ["done", "dead"])
        .where("received_at", "<", before)
        .execute();
      const old = await db
        .updateTable("inbox")
        .set({ state: "dead", payload: "", done_at: now() })
        .where("state", "in", ["received", "running"])
        .where("received_at", "<", before)
        .returning("key")
        .execute();
      return { givenUp: old.map(({ key }) => key) };
    },
  };
}
