import { z } from "zod";
import type { Clock } from "#src/clock.ts";
import type { Database } from "#src/storage/database.ts";
import { mendHistory, trimHistory } from "./history.ts";
import type { Item } from "./model.ts";

/** What was said last in each conversation. */
export interface SessionStore {
  /** Adds items in their order, all of them or none, and forgets what is too old to be read. */
  append(conversation: string, items: readonly Item[]): Promise<void>;
  /** The newest part of the conversation, oldest item first, well formed and within `maxTokens`. */
  load(conversation: string, maxTokens: number): Promise<readonly Item[]>;
}

interface Deps {
  readonly db: Database;
  readonly clock: Clock;
}

/** The newest items, which are kept: more than the largest run of the default limits makes. */
const maxItems = 400;

export function createSessionStore({ db, clock }: Deps): SessionStore {
  return {
    async append(conversation, items) {
      if (items.length === 0) return;
      const at = clock.now().epochMilliseconds;
      const rows = items.map((item) => ({ conversation, item: JSON.stringify(item), at }));
      await db.transaction().execute(async (tx) => {
        await tx.insertInto("session_item").values(rows).execute();
        await forgetUnread(tx, conversation);
      });
    },

    async load(conversation, maxTokens) {
      const rows = await db
        .selectFrom("session_item")
        .select("item")
        .where("conversation", "=", conversation)
        .orderBy("seq", "desc")
        .limit(maxItems)
        .execute();
      const items = rows.reverse().map((row): Item => itemSchema.parse(JSON.parse(row.item)));
      const whole = rows.length < maxItems ? items : fromFirstUser(items);
      return trimHistory(mendHistory(whole), maxTokens);
    },
  };
}

/** Removes what is too old to be read. */
async function forgetUnread(tx: Database, conversation: string): Promise<void> {
  const newestUnread = tx
    .selectFrom("session_item")
    .select("seq")
    .where("conversation", "=", conversation)
    .orderBy("seq", "desc")
    .limit(1)
    .offset(maxItems);
  await tx
    .deleteFrom("session_item")
    .where("conversation", "=", conversation)
    .where("seq", "<=", newestUnread)
    .execute();
}

/** Drops the rest of the segment that the limit cut through. */
function fromFirstUser(items: readonly Item[]): readonly Item[] {
  const first = items.findIndex(({ type }) => type === "user");
  return first < 0 ? [] : items.slice(first);
}

const itemSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("user"), text: z.string(), by: z.string().optional() }),
  z.object({ type: z.literal("assistant"), text: z.string() }),
  z.object({
    type: z.literal("tool-call"),
    callId: z.string(),
    name: z.string(),
    argumentsJson: z.string(),
  }),
  z.object({ type: z.literal("tool-result"), callId: z.string(), output: z.string() }),
  z.object({ type: z.literal("reasoning"), api: z.string(), payload: z.unknown() }),
  z.object({ type: z.literal("event"), text: z.string() }),
]);
