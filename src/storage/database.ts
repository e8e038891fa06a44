import { chmodSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import SqliteDatabase from "better-sqlite3";
import { Kysely, type SqliteDatabase as KyselyDatabase, SqliteDialect } from "kysely";
import { PublicError } from "#src/errors.ts";
import type { Redact } from "#src/redaction.ts";
import { dialects } from "./dialect.ts";
import { migrate } from "./migrate.ts";
import type { Tables } from "./schema.ts";

/** The database, or a transaction of it; stores take either. */
export type Database = Kysely<Tables>;

/**
 * Opens the SQLite database at `path`, or one in memory for `:memory:`, and brings its schema up
 * to date. `destroy()` closes it.
 *
 * @param redact what every text passes before it is kept or looked for.
 * @throws PublicError when the file cannot be opened or was written by a newer version.
 */
export async function openDatabase(path: string, redact?: Redact): Promise<Database> {
  const prepared = preparingOnce(openFile(path));
  const database = redact ? redacting(prepared, redact) : prepared;
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database }) });
  try {
    await migrate(db, dialects.sqlite);
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

/** Below the stores, so that none of them can forget it. */
function redacting(database: KyselyDatabase, redact: Redact): KyselyDatabase {
  const clean = (parameters: readonly unknown[]) =>
    parameters.map((value) => (typeof value === "string" ? redact(value) : value));
  return {
    close: () => database.close(),
    prepare(query) {
      const statement = database.prepare(query);
      return {
        reader: statement.reader,
        all: (parameters) => statement.all(clean(parameters)),
        run: (parameters) => statement.run(clean(parameters)),
        iterate: (parameters) => statement.iterate(clean(parameters)),
      };
    },
  };
}
