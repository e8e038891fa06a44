import type { Clock } from "#src/clock.ts";
import type { Database } from "#src/storage/database.ts";

/** A thread by its channel and the timestamp of its first message. */
export interface ThreadRef {
  readonly channel: string;
  readonly threadTs: string;
}

/** The threads of channels in which we take part, since somebody called us there. */
export interface EngagedThreads {
  engage(thread: ThreadRef): Promise<void>;
  isEngaged(thread: ThreadRef): Promise<boolean>;
}

export function createEngagedThreads(db: Database, clock: Clock, teamId: string): EngagedThreads {
  const keyOf = (thread: ThreadRef) => `${teamId}/${thread.channel}/${thread.threadTs}`;

  return {
    async engage(thread) {
      await db
        .insertInto("slack_thread")
        .values({ thread: keyOf(thread), engaged_at: clock.now().epochMilliseconds })
        .onConflict((conflict) => conflict.column("thread").doNothing())
        .execute();
    },

    async isEngaged(thread) {
      const found = await db
        .selectFrom("slack_thread")
        .select("thread")
        .where("thread", "=", keyOf(thread))
        .executeTakeFirst();
      return found !== undefined;
    },
  };
}
