/** What the databases say in different words; everything else is SQL that they share. */
export interface Dialect {
  /** Has whoever else wants to change the schema wait until the end of the transaction. */
  readonly lockSchema: readonly string[];
  /** The type of a key that the database counts up by itself. */
  readonly counter: string;
  /** Has a table refuse whatever would change or remove one of its rows. */
  appendOnly(table: string): readonly string[];
}

const sqlite: Dialect = {
  // Its transactions lock with their first write, and others wait for it.
  lockSchema: [],
  counter: "integer primary key autoincrement",
  appendOnly: (table) =>
    ["update", "delete"].map(
      (change) => `create trigger ${table}_no_${change} before ${change} on ${table}
        begin select raise(abort, '${refusal(table)}'); end`,
    ),
};

const postgres: Dialect = {
  // The number is anybody's choice; only this program's migrations use it.
  lockSchema: ["select pg_advisory_xact_lock(740518)"],
  counter: "bigint generated always as identity primary key",
  appendOnly: (table) => [
    `create function refuse_change_of_${table}() returns trigger language plpgsql
      as $$ begin raise exception '${refusal(table)}'; end $$`,
    // For each statement: `truncate` knows no rows.
    ...["update", "delete", "truncate"].map(
      (change) => `create trigger ${table}_no_${change} before ${change} on ${table}
        execute function refuse_change_of_${table}()`,
    ),
  ],
};

export const dialects = { sqlite, postgres };

function refusal(table: string): string {
  return `the ${table} log is append-only`;
}
