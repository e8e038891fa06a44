import type { Selectable } from "kysely";
import type { Clock } from "#src/clock.ts";
import type { Database } from "#src/storage/database.ts";
import type { OutboxTable } from "#src/storage/schema.ts";

/** Something to tell people who did not ask. */
export interface Notice {
  /** Telling it twice is telling it once: the same key is kept once, for good. */
  readonly key: string;
  /** `channel`, or `user:ID`. */
  readonly recipient: string;
  /** Plain words; whoever delivers it escapes them. */
  readonly message: string;
  /** The deletion that can be answered about, and in which version; a front end adds its buttons. */
  readonly about?: { readonly deletion: string; readonly revision: number } | undefined;
}

export interface OutboxMessage extends Notice {
  /** `sending` was begun, and whether it arrived is not known. */
  readonly state: "new" | "sending" | "sent" | "dead";
  readonly attempts: number;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

/**
 * What a notice shows of what it is about, once it was said: it can be answered there; it cannot any
 * more; how that ended, after which it stays as it is.
 */
export type Stage = "open" | "closed" | "over";

/** A notice that was said, about something that can be answered. */
export interface SaidNotice extends Notice {
  readonly about: NonNullable<Notice["about"]>;
  /** Where it was said, in the front end's terms. */
  readonly place: string;
  readonly stage: Stage;
}

/** What is to be said, kept until it was. */
export interface OutboxStore {
  /** Keeps a notice; false when it was kept before. */
  add(notice: Notice): Promise<boolean>;
  /**
   * The oldest notice whose time has come, what people can answer before any other: news of what
   * many acts came to must not keep a reminder waiting. It is marked as `sending` now; its state is
   * as it was found.
   */
  claim(): Promise<OutboxMessage | undefined>;
  /** @param place where it was said, in the front end's terms */
  markSent(key: string, place: string): Promise<void>;
  /** Tries again at `nextAt`, as what certainly did not arrive, or as what may have. */
  retry(key: string, nextAt: number, state: "new" | "sending"): Promise<void>;
  markDead(key: string): Promise<void>;
  /** How many of these were said. */
  countSent(keys: readonly string[]): Promise<number>;
  /** Those about something of which they do not show yet how it ended, oldest first. */
  listUnsettled(): Promise<readonly SaidNotice[]>;
  /** Says what a notice shows where it was said. */
  setStage(key: string, stage: Stage): Promise<void>;
}

/** How long a sender may take, rate limits included; what it began before that is taken over. */
const sendingTime = 5 * 60_000;

export function createOutboxStore(db: Database, clock: Clock): OutboxStore {
  const now = () => clock.now().epochMilliseconds;
  const update = (key: string) => db.updateTable("outbox").where("key", "=", key);
  /** What was said stays so, whatever a sender that was slower has to say about it. */
  const updateUnsaid = (key: string) => update(key).where("state", "!=", "sent");

  return {
    async add({ key, recipient, message, about }) {
      const content = { recipient, message, about: about ? JSON.stringify(about) : null };
      const times = { created_at: now(), next_at: now() };
      const row = {
        key,
        ...content,
        state: "new",
        attempts: 0,
        place: null,
        stage: "open",
        ...times,
      };
      const result = await db
        .insertInto("outbox")
        .values(row)
        .onConflict((conflict) => conflict.column("key").doNothing())
        .executeTakeFirstOrThrow();
      return result.numInsertedOrUpdatedRows === 1n;
    },

    async claim() {
      const row = await db
        .selectFrom("outbox")
        .selectAll()
        .where("state", "in", ["new", "sending"])
        .where("next_at", "<=", now())
        .orderBy(({ eb }) => eb.case().when("about", "is", null).then(1).else(0).end())
        .orderBy("created_at")
        .limit(1)
        .executeTakeFirst();
      if (!row) return undefined;
      const claimed = await update(row.key)
        .set({ state: "sending", attempts: row.attempts + 1, next_at: now() + sendingTime })
        .where("attempts", "=", row.attempts)
        .where("state", "=", row.state)
        .executeTakeFirst();
      return claimed.numUpdatedRows === 1n ? fromRow(row) : undefined;
    },

    async markSent(key, place) {
      await update(key).set({ state: "sent", place }).execute();
    },
    async retry(key, nextAt, state) {
      await updateUnsaid(key).set({ state, next_at: nextAt }).execute();
    },
    async markDead(key) {
      await updateUnsaid(key).set({ state: "dead" }).execute();
    },

    async countSent(keys) {
      const { sent } = await db
        .selectFrom("outbox")
        .select(({ fn }) => fn.countAll<number>().as("sent"))
        .where("key", "in", keys)
        .where("state", "=", "sent")
        .executeTakeFirstOrThrow();
      return Number(sent);
    },

    async listUnsettled() {
      const rows = await db
        .selectFrom("outbox")
        .selectAll()
        .where("about", "is not", null)
        .where("stage", "!=", "over")
        .where("state", "=", "sent")
        .orderBy("created_at")
        .execute();
      return rows.flatMap(saidFrom);
    },

    async setStage(key, stage) {
      await update(key).set({ stage }).execute();
    },
  };
}

function fromRow(row: Selectable<OutboxTable>): OutboxMessage {
  const { key, recipient, message, about, attempts, created_at: createdAt } = row;
  return {
    key,
    recipient,
    message,
    about: aboutOf(about),
    attempts,
    createdAt,
    state: row.state as OutboxMessage["state"],
  };
}

function saidFrom({ key, recipient, message, ...row }: Selectable<OutboxTable>): SaidNotice[] {
  const about = aboutOf(row.about);
  if (!about || row.place === null) return [];
  return [{ key, recipient, message, about, place: row.place, stage: row.stage as Stage }];
}

function aboutOf(about: string | null): Notice["about"] {
  return about === null ? undefined : (JSON.parse(about) as Notice["about"]);
}
