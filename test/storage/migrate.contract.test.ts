import { globSync } from "node:fs";
import { parse } from "node:path";
import { sql } from "kysely";
import { expect, it } from "vitest";
import type { Database } from "#src/storage/database.ts";
import { dialects } from "#src/storage/dialect.ts";
import { migrate } from "#src/storage/migrate.ts";
import { describeOnEveryDatabase, describeOnPostgres } from "#test/support/every-database.ts";
import { emptyPostgresDatabases, postgresDatabases } from "#test/support/postgres.ts";

/** All that there are, in the order in which they are applied. */
const migrations = globSync("src/storage/migrations/0*.ts")
  .map((path) => parse(path).name)
  .sort();

async function applied(db: Database): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`select name from migration order by name`.execute(
    db,
  );
  return rows.map(({ name }) => name);
}

describeOnEveryDatabase("the schema", ({ dialect, openTwice }) => {
  it("is brought up to date once", async () => {
    const [here, there] = await openTwice();

    await migrate(there, dialect);

    expect(await applied(here)).toEqual(migrations);
  });

  it("is left alone once a newer version has changed it", async () => {
    const [here, there] = await openTwice();
    await sql`insert into migration (name) values ('9999-later')`.execute(here);

    await expect(migrate(there, dialect)).rejects.toThrow("newer version (migration 9999-later)");
  });

  it("keeps instants and counts as the numbers that they are", async () => {
    const [db] = await openTwice();
    const late = Date.parse("9999-12-31T23:59:59.999Z");

    await db.insertInto("cursor").values({ name: "late", position: late }).execute();

    expect(await db.selectFrom("cursor").select("position").execute()).toEqual([
      { position: late },
    ]);
  });
});

describeOnPostgres("the schema", () => {
  it("is made by one of several processes that start for the first time", async () => {
    const databases = await emptyPostgresDatabases();

    await Promise.all([...databases, ...databases].map((db) => migrate(db, dialects.postgres)));

    expect(await applied(databases[0])).toEqual(migrations);
  });

  it("lets nobody empty the audit log at a stroke", async () => {
    const [db] = await postgresDatabases();

    await expect(sql`truncate audit`.execute(db)).rejects.toThrow("append-only");
  });
});
