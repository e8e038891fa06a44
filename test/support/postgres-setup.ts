import type { TestProject } from "vitest/node";
import { dialects } from "#src/storage/dialect.ts";
import { migrate } from "#src/storage/migrate.ts";
import { connectPostgres, onServer, template } from "./postgres.ts";
import { NoPostgresError, startPostgres } from "./postgres-server.ts";

/** Starts one PostgreSQL for all tests of a run, and says to them where it is. */
export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  try {
    const server = await startPostgres();
    await migrateTemplate(server.socketFolder);
    provide("postgres", { socketFolder: server.socketFolder });
    return server.stop;
  } catch (error) {
    if (!(error instanceof NoPostgresError)) throw error;
    provide("postgres", { missing: error.message });
    return async () => {};
  }
}

async function migrateTemplate(socketFolder: string): Promise<void> {
  await onServer(socketFolder, `create database ${template}`);
  const db = connectPostgres(socketFolder, template);
  await migrate(db, dialects.postgres);
  await db.destroy();
}
