import type { Database } from "./database.ts";

/**
 * Lets one transaction at a time go on from here, on every connection to the database, until it
 * ends. It comes first in a transaction that looks before it writes: on PostgreSQL two of them see
 * nothing of each other, and on SQLite the second could not write any more.
 *
 * @param at epoch milliseconds, for whoever looks at the table
 */
export async function lock(transaction: Database, name: string, at: number): Promise<void> {
  await transaction
    .insertInto("lock")
    .values({ name, taken_at: at })
    .onConflict((conflict) => conflict.column("name").doUpdateSet({ taken_at: at }))
    .execute();
}
