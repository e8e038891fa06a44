import { randomUUID } from "node:crypto";
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { inject, onTestFinished } from "vitest";
import type { Database } from "#src/storage/database.ts";
import type { Tables } from "#src/storage/schema.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The folder of the server's socket, or why there is no server. */
    readonly postgres: { readonly socketFolder: string } | { readonly missing: string };
  }
}

/** The database that each test gets a copy of. */
export const template = "migrated";

// Epoch milliseconds and counts: PostgreSQL's client would rather give them as text.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/** Connects to one database of the server at this socket. */
export function connectPostgres(socketFolder: string, database: string): Database {
  const pool = new pg.Pool({ host: socketFolder, user: "postgres", database });
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
}

/** Has the server do what no transaction can hold. */
export async function onServer(socketFolder: string, statement: string): Promise<void> {
  const client = new pg.Client({ host: socketFolder, user: "postgres", database: "postgres" });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Two ways to one new database, as two processes have them; it is gone after the test. */
export async function postgresDatabases(): Promise<readonly [Database, Database]> {
  const offer = inject("postgres");
  if ("missing" in offer) throw new Error(offer.missing);
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await onServer(
    offer.socketFolder,
    `create database ${name} template ${template} strategy file_copy`,
  );
  onTestFinished(() => onServer(offer.socketFolder, `drop database ${name}`));
  const connect = () => {
    const db = connectPostgres(offer.socketFolder, name);
    onTestFinished(() => db.destroy());
    return db;
  };
  return [connect(), connect()];
}
