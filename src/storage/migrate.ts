import { type Kysely, sql } from "kysely";
import { PublicError } from "#src/errors.ts";
import type { Dialect } from "./dialect.ts";
import { initial } from "./migrations/0001-initial.ts";
import { holds } from "./migrations/0002-holds.ts";
import { leases } from "./migrations/0003-leases.ts";
import { approvalsAndRestores } from "./migrations/0004-approvals-and-restores.ts";
import { firstPolicies } from "./migrations/0005-first-policies.ts";
import type { Tables } from "./schema.ts";

const migrations = [initial, holds, leases, approvalsAndRestores, firstPolicies];

/**
 * Applies the migrations that are missing, all of them or none.
 *
 * @throws PublicError when a newer version has changed the schema.
 */
export async function migrate(db: Kysely<Tables>, dialect: Dialect): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    const run = (statement: string) => sql.raw(statement).execute(transaction);
    for (const statement of dialect.lockSchema) await run(statement);
    await run("create table if not exists migration (name text primary key)");
    const applied = await sql<{ name: string }>`select name from migration`.execute(transaction);
    const names = new Set(applied.rows.map((row) => row.name));

    const unknown = [...names].find((name) => !migrations.some((known) => known.name === name));
    if (unknown) {
      throw new PublicError(
        `The database was written by a newer version (migration ${unknown}); update this program.`,
      );
    }
    for (const { name, statements } of migrations.filter(({ name }) => !names.has(name))) {
      for (const statement of statements(dialect)) await run(statement);
      await sql`insert into migration (name) values (${name})`.execute(transaction);
    }
  });
}
