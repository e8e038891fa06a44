import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { sql } from "kysely";
import { createAuditLog } from "#src/audit/audit-log.ts";
import { systemClock } from "#src/clock.ts";
import { PublicError } from "#src/errors.ts";
import { type Database, openDatabase } from "#src/storage/database.ts";
import type { Check, Finding } from "./finding.ts";
import { quoted } from "./shell.ts";

const about = "database";

/** The database: it opens, which brings its schema up to date, takes a write, and its audit log is intact. */
export const checkDatabase: Check = async ({ databasePath: path }) => {
  if (path === ":memory:") {
    const message = "DATABASE_PATH is :memory:, so nothing is kept, the audit log included.";
    return [{ about, level: "note", message }];
  }
  const isNew = !existsSync(path);
  try {
    await using opened = new AsyncDisposableStack();
    const db = opened.adopt(await openDatabase(path), (open) => open.destroy());
    await sql`update migration set name = name`.execute(db);
    const state = isNew ? `${path} is new` : `${path} opens, its schema is current`;
    return [await checkAudit(db, path, state)];
  } catch (error) {
    return [describeFailure(path, error)];
  }
};

async function checkAudit(db: Database, path: string, state: string): Promise<Finding> {
  const result = await createAuditLog(db, systemClock).verify();
  if (result.ok) {
    const message = `${state}, it can be written to, and the audit log is intact (${result.entries} entries).`;
    return { about, level: "ok", message };
  }
  return {
    about,
    level: "failure",
    message: `${state}, but the audit log was changed: entry ${result.brokenAt} does not follow the one before it. What is recorded from there on proves nothing.`,
    fix: [
      "# find out who could write to the file; then keep it aside, and a new one is begun:",
      `mv ${quoted(path)} ${quoted(`${path}.changed`)}`,
    ],
  };
}

function describeFailure(path: string, error: unknown): Finding {
  const reason = error instanceof Error ? error.message : String(error);
  return {
    about,
    level: "failure",
    message:
      error instanceof PublicError ? reason : `The database ${path} cannot be used: ${reason}`,
    fix: [
      "# it and its folder have to be this user's, or in .env DATABASE_PATH another file:",
      `ls -ld ${quoted(dirname(resolve(path)))} ${quoted(resolve(path))}`,
    ],
  };
}
