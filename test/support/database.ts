import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type Database, openDatabase } from "#src/storage/database.ts";

/** A database of its own for one test, in memory. */
export async function testDatabase(): Promise<Database> {
  const db = await openDatabase(":memory:");
  onTestFinished(() => db.destroy());
  return db;
}

/** The path of a database file that is not there yet, in a folder that goes after the test. */
export function databaseFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "database-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "agent.db");
}

/** Two ways to one new database file, as two processes have them. */
export async function sqliteDatabases(): Promise<readonly [Database, Database]> {
  const path = databaseFile();
  const open = async () => {
    const db = await openDatabase(path);
    onTestFinished(() => db.destroy());
    return db;
  };
  return [await open(), await open()];
}
