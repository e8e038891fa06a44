import { describe, inject } from "vitest";
import type { Database } from "#src/storage/database.ts";
import { type Dialect, dialects } from "#src/storage/dialect.ts";
import { sqliteDatabases, testDatabase } from "./database.ts";
import { postgresDatabases } from "./postgres.ts";

/** How the tests of a contract get at a database. */
export interface DatabaseUnderTest {
  readonly dialect: Dialect;
  /** One of its own for one test. */
  open(): Promise<Database>;
  /** One in two ways: as two processes have it. */
  openTwice(): Promise<readonly [Database, Database]>;
}

const sqlite: DatabaseUnderTest = {
  dialect: dialects.sqlite,
  open: testDatabase,
  openTwice: sqliteDatabases,
};

const postgres: DatabaseUnderTest = {
  dialect: dialects.postgres,
  open: async () => (await postgresDatabases())[0],
  openTwice: postgresDatabases,
};

/** What a store promises, on every database that it has to keep it on. */
export function describeOnEveryDatabase(
  name: string,
  contract: (databases: DatabaseUnderTest) => void,
): void {
  describe(`${name} on SQLite`, () => contract(sqlite));
  describeOnPostgres(name, () => contract(postgres));
}

/** Skipped, and its name says why, where PostgreSQL cannot be had. */
export function describeOnPostgres(name: string, tests: () => void): void {
  const server = inject("postgres");
  if ("missing" in server) describe.skip(`${name} on PostgreSQL: ${server.missing}`, tests);
  else describe(`${name} on PostgreSQL`, tests);
}
