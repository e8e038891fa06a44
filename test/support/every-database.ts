import { describe, inject } from "vitest";
import type { Database } from "#src/storage/database.ts";
import { sqliteDatabases, testDatabase } from "./database.ts";
import { postgresDatabases } from "./postgres.ts";

/** How the tests of a contract get at a database. */
export interface DatabaseUnderTest {
  /** One of its own for one test. */
  open(): Promise<Database>;
  /** The same, in two ways: as two processes have it. */
  openTwice(): Promise<readonly [Database, Database]>;
}

const sqlite: DatabaseUnderTest = { open: testDatabase, openTwice: sqliteDatabases };

const postgres: DatabaseUnderTest = {
  open: async () => (await postgresDatabases())[0],
  openTwice: postgresDatabases,
};

/** What a store promises, on every database that it has to keep it on. */
export function describeOnEveryDatabase(
  name: string,
  contract: (databases: DatabaseUnderTest) => void,
): void {
  describe(`${name} on SQLite`, () => contract(sqlite));
  const offer = inject("postgres");
  if ("missing" in offer)
    describe.skip(`${name} on PostgreSQL: ${offer.missing}`, () => contract(postgres));
  else describe(`${name} on PostgreSQL`, () => contract(postgres));
}
