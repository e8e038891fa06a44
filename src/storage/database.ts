import { chmodSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import SqliteDatabase from "better-sqlite3";
import { Kysely, type SqliteDatabase as KyselyDatabase, SqliteDialect, sql } from "kysely";
import { PublicError } from "#src/errors.ts";
import { migrations } from "./migrations.ts";
import type { Tables } from "./schema.ts";

/** The database, or a transaction of it; stores take either. */
export type Database = Kysely<Tables>;

/**
 * Opens the SQLite database at `path`, or one in memory for `:memory:`, and brings its schema up
 * to date. `destroy()` closes it.
 *
 * @throws PublicError when the file cannot be opened or was written by a newer version.
 */
export async function openDatabase(path: string): Promise<Database> {
  const database = preparingOnce(openFile(path));
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database }) });
  try {
    await migrate(db);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return db;
}

function openFile(path: string): SqliteDatabase.Database {
  try {
    if (path !== ":memory:") mkdirSync(dirname(path), { recursive: true });
    const sqlite = new SqliteDatabase(path);
    // What people said and did is nobody else's business; SQLite's other files take the same mode.
    if (path !== ":memory:") chmodSync(path, 0o600);
    sqlite.pragma("journal_mode = WAL");
    // An intent that was written down must survive a power cut: WAL with NORMAL may lose it.
    sqlite.pragma("synchronous = FULL");
    sqlite.pragma("busy_timeout = 5000");
    return sqlite;
  } catch (cause) {
    const { message } = cause as Error;
    throw new PublicError(`The database ${path} cannot be used (${message}).`, { cause });
  }
}

/** Keeps prepared statements for the next time: preparing takes longer than most take to run. */
function preparingOnce(sqlite: SqliteDatabase.Database): KyselyDatabase {
  const statements = new Map<string, SqliteDatabase.Statement>();
  return {
    close: () => sqlite.close(),
    prepare(query) {
      const statement = statements.get(query) ?? sqlite.prepare(query);
      statements.set(query, statement);
      return statement;
    },
  };
}

/** Applies the migrations that are missing, all of them or none. */
async function migrate(db: Database): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    await sql`create table if not exists migration (name text primary key)`.execute(transaction);
    const applied = await sql<{ name: string }>`select name from migration`.execute(transaction);
    const names = new Set(applied.rows.map((row) => row.name));

    const unknown = [...names].find((name) => !migrations.some((known) => known.name === name));
    if (unknown) {
      throw new PublicError(
        `The database was written by a newer version (migration ${unknown}); update this program.`,
      );
    }
    for (const migration of migrations.filter(({ name }) => !names.has(name))) {
      await migration.up(transaction.schema, (statement) =>
        sql.raw(statement).execute(transaction),
      );
      await sql`insert into migration (name) values (${migration.name})`.execute(transaction);
    }
  });
}
