import { dirname, join } from "node:path";
import { sql } from "kysely";
import { describe, expect, it, onTestFinished } from "vitest";
import { openDatabase } from "#src/storage/database.ts";
import { databaseFile } from "#test/support/database.ts";

async function open(path: string) {
  const db = await openDatabase(path);
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
});
