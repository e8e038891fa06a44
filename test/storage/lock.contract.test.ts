import { expect, it } from "vitest";
import { lock } from "#src/storage/lock.ts";
import { describeOnEveryDatabase } from "#test/support/every-database.ts";

describeOnEveryDatabase("a lock", ({ open }) => {
  it("has transactions look and write one after another, on however many connections", async () => {
    const db = await open();
    const addNext = () =>
      db.transaction().execute(async (transaction) => {
        await lock(transaction, "add", 1);
        const { length } = await transaction.selectFrom("cursor").select("name").execute();
        const next = { name: `${length}`, position: length };
        await transaction.insertInto("cursor").values(next).execute();
      });

    await Promise.all(Array.from({ length: 10 }, addNext));

    expect(await db.selectFrom("cursor").select("name").execute()).toHaveLength(10);
  });
});
