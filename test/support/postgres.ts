import { randomUUID } from "node:crypto";
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { inject, onTestFinished } from "vitest";
import type { Database } from "#src/storage/database.ts";
import { dialects } from "#src/storage/dialect.ts";
import { migrate } from "#src/storage/migrate.ts";
import type { Tables } from "#src/storage/schema.ts";

// Epoch milliseconds and counts: PostgreSQL's client would rather give them as text.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/** Two ways to one new and empty database, as two processes have them. */
export async function emptyPostgresDatabases(): Promise<readonly [Database, Database]> {
  // A schema is as good as a database, and made in a tenth of the time.
  const schema = `test_${randomUUID().replaceAll("-", "")}`;
  const [here, there] = [connect(schema), connect(schema)];
  await here.schema.createSchema(schema).execute();
  return [here, there];
}

/** The same, with all tables. */
export async function postgresDatabases(): Promise<readonly [Database, Database]> {
  const [here, there] = await emptyPostgresDatabases();
  await migrate(here, dialects.postgres);
  return [here, there];
}

function connect(schema: string): Database {
  const offer = inject("postgres");
  if ("missing" in offer) throw new Error(offer.missing);
  const { socketFolder: host } = offer;
  const options = `-c search_path=${schema}`;
  const pool = new pg.Pool({ host, user: "postgres", database: "postgres", options });
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  onTestFinished(() => db.destroy());
  return db;
}
