import { onTestFinished } from "vitest";
import { type Database, openDatabase } from "#src/storage/database.ts";

/** A database of its own for one test, in memory. */
export async function testDatabase(): Promise<Database> {
  const db = await openDatabase(":memory:");
  onTestFinished(() => db.destroy());
  return db;
}
