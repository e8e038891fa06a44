import { Temporal } from "temporal-polyfill";
import { readFileWithin } from "#src/bounds/read-file.ts";
import type { Clock } from "#src/clock.ts";
import type { Logger } from "#src/log.ts";
import type { Database } from "#src/storage/database.ts";

/** Who stopped every change, and how the change is let go on again. */
export interface Frozen {
  /** A name, or what it was. */
  readonly by: string;
  readonly reason: string;
  /** Absent where nobody knows. */
  readonly since?: Temporal.Instant | undefined;
  /** The way to end it, as a sentence. */
  readonly release: string;
}

/** Somebody who freezes or releases. */
export interface BrakeUser {
  readonly id: string;
  readonly name: string;
}

/** Stops every change at once, in all processes that share the database, until it is released. */
export interface Brake {
  /**
   * Keeps what already holds.
   *
   * @returns whether that was new
   */
  freeze(by: BrakeUser, reason: string): Promise<boolean>;
  /** @returns what still holds, because it is not released in this way */
  release(by: BrakeUser): Promise<Frozen | undefined>;
  /** What holds at this moment; a rejection means that nobody knows, and so that nothing may be done. */
  state(): Promise<Frozen | undefined>;
}

interface Deps {
  readonly db: Database;
  /** While this file exists, everything is frozen; absent where there is no place for one. */
  readonly file?: string | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/** So much of a reason is kept. */
const reasonLength = 200;

export function createBrake({ db, file, clock, log }: Deps): Brake {
  async function stateInDatabase(): Promise<Frozen | undefined> {
    const row = await db.selectFrom("brake").selectAll().executeTakeFirst();
    return (
      row && {
        by: row.by_name,
        reason: row.reason,
        since: Temporal.Instant.fromEpochMilliseconds(row.pulled_at),
        release:
          "To release it: /pve unfreeze in Slack or /unfreeze at the terminal, by whoever may, or npm run policy -- release on the host.",
      }
    );
  }

  const state = async () =>
    (file === undefined ? undefined : await stateOfFile(file)) ?? (await stateInDatabase());

  return {
    state,

    async freeze({ id, name }, reason) {
      const row = { slot: 1, by_id: id, by_name: onOneLine(name), reason: onOneLine(reason) };
      const { numInsertedOrUpdatedRows } = await db
        .insertInto("brake")
        .values({ ...row, pulled_at: clock.now().epochMilliseconds })
        .onConflict((conflict) => conflict.column("slot").doNothing())
        .executeTakeFirstOrThrow();
      log.warn({ by: id, reason }, "everything is frozen");
      return numInsertedOrUpdatedRows === 1n;
    },

    async release({ id }) {
      await db.deleteFrom("brake").execute();
      const left = await state();
      log.warn({ by: id, left: left?.by }, "released");
      return left;
    },
  };
}

/** A file that cannot be looked at counts as one that is there. */
export async function stateOfFile(path: string): Promise<Frozen | undefined> {
  const by = `the file ${path}`;
  const release = `Remove ${path} to release it.`;
  try {
    const [first = ""] = (await readFileWithin(path)).split("\n");
    return { by, reason: onOneLine(first), release };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    return { by, reason: onOneLine(message), release };
  }
}

/** As much of a text as is kept, where it cannot look like more than one line. */
export function onOneLine(text: string): string {
  return text
    .replace(/[\p{C}\s]+/gu, " ")
    .trim()
    .slice(0, reasonLength);
}
