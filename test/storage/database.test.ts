import { dirname, join } from "node:path";
import { sql } from "kysely";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Redact } from "#src/redaction.ts";
import { openDatabase } from "#src/storage/database.ts";
import { databaseFile } from "#test/support/database.ts";

async function open(path: string, redact?: Redact) {
  const db = await openDatabase(path, redact);
  onTestFinished(() => db.destroy());
  return db;
}

describe("the database", () => {
  it("survives a power cut: what was written is on the disk", async () => {
    const db = await open(join(dirname(databaseFile()), "in", "a", "new", "folder", "agent.db"));

    const { rows } = await sql`select * from pragma_synchronous, pragma_journal_mode`.execute(db);

    expect(rows).toEqual([{ synchronous: 2, journal_mode: "wal" }]);
  });

  it("keeps its content when it is opened again, and by several at once", async () => {
    const path = databaseFile();
    const first = await open(path);
    const item = { conversation: "c1", item: "{}", at: 1 };
    await first.insertInto("session_item").values(item).execute();

    const others = await Promise.all([open(path), open(path), open(path)]);

    for (const db of [first, ...others]) {
      expect(await db.selectFrom("session_item").selectAll().execute()).toMatchObject([item]);
    }
  });

  it("keeps no text as it was that has to be redacted, and finds it all the same", async () => {
    const db = await open(databaseFile(), (text) => text.replaceAll("hunter2", "***"));
    const item = { conversation: "c-hunter2", item: '{"text":"it is hunter2"}', at: 1 };
    await db.insertInto("session_item").values(item).execute();

    const found = await db
      .updateTable("session_item")
      .set({ at: 2 })
      .where("conversation", "=", "c-hunter2")
      .returningAll()
      .execute();

    expect(found).toMatchObject([{ conversation: "c-***", item: '{"text":"it is ***"}', at: 2 }]);
  });
});
