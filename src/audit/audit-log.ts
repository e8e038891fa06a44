import { setImmediate as turn } from "node:timers/promises";
import type { Selectable } from "kysely";
import type { Clock } from "#src/clock.ts";
import type { Decision } from "#src/policy/policy.ts";
import type { Target } from "#src/policy/target.ts";
import type { Database } from "#src/storage/database.ts";
import type { AuditTable } from "#src/storage/schema.ts";
import { genesis, hashEntry, type Link, type Verification, verifyChain } from "./audit-chain.ts";
import {
  type AuditQuery,
  hasItsKeys,
  type SearchKeys,
  searchAudit,
  searchKeysOf,
} from "./audit-search.ts";

export type AuditStep =
  /** It could not even be planned, though the guest was known. */
  | "refused"
  | "denied"
  | "confirmation-requested"
  /** Somebody has approved, where others than the requester have to; the approver says who. */
  | "confirmation-given"
  | "confirmation-refused"
  | "confirmation-declined"
  | "started"
  | "succeeded"
  | "unchanged"
  | "failed";

/** One step of one action: who, what, on which guest, as decided by whom, to what end. */
export interface AuditEntry {
  /** The same for all steps of an action. */
  readonly actionId: string;
  readonly step: AuditStep;
  readonly tool: string;
  readonly input: unknown;
  readonly target: Target;
  readonly principal: { readonly id: string; readonly name: string; readonly role: string };
  readonly decision?: Decision["kind"] | "error" | undefined;
  readonly approver?: { readonly id: string; readonly name: string } | undefined;
  /** All who approved it, in this order, where it took more than one. */
  readonly approvers?: readonly { readonly id: string; readonly name: string }[] | undefined;
  readonly upid?: string | undefined;
  /** The outcome or the reason, in words. */
  readonly message?: string | undefined;
  readonly promptVersion?: string | undefined;
  /** The message that led to it, by its front end's key. */
  readonly origin?: string | undefined;
}

export interface AuditRecord extends AuditEntry {
  readonly seq: number;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly hash: string;
}

export interface AuditLog {
  /**
   * Writes one entry durably. When it rejects, nothing may be done that was to be recorded.
   *
   * @param admit asked before the entry is written, again and again until no other entry came in
   * between; so it can count what the log has, and be right
   * @returns false where `admit` said no, and nothing was written
   */
  append(entry: AuditEntry, admit?: () => Promise<boolean>): Promise<boolean>;
  /** The latest entries, oldest first, of one guest or of all. */
  tail(options: {
    readonly limit: number;
    readonly vmid?: number;
  }): Promise<readonly AuditRecord[]>;
  /** The entries after the one with this number, oldest first, and at most `limit` of them. */
  after(seq: number, limit: number): Promise<readonly AuditRecord[]>;
  /** What a message has led to so far, oldest first. */
  ofOrigin(origin: string): Promise<readonly AuditRecord[]>;
  /** The latest entries that fit, oldest first, and whether there are earlier ones. */
  find(query: AuditQuery): Promise<{
    readonly records: readonly AuditRecord[];
    readonly more: boolean;
  }>;
  /**
   * Every entry from the first at or after `since` to the last before `until`, epoch milliseconds,
   * as it is chained: none between them is left out, whatever the clock did meanwhile.
   */
  links(span: {
    readonly since?: number | undefined;
    readonly until?: number | undefined;
  }): AsyncIterable<Link>;
  /**
   * Recomputes the chain from the first entry on, and whether each entry can be found by what it
   * says. Others get their turn in between.
   *
   * @throws the signal's reason once it is aborted
   */
  verify(signal?: AbortSignal): Promise<Verification>;
}

const pageSize = 1000;

/**
 * An append-only log in which each entry carries the hash of the one before it, so that an entry
 * that was changed, removed or slipped in breaks the chain from there on.
 */
export function createAuditLog(db: Database, clock: Clock): AuditLog {
  async function lastHash(): Promise<string> {
    const last = await db
      .selectFrom("audit")
      .select("hash")
      .orderBy("seq", "desc")
      .limit(1)
      .executeTakeFirst();
    return last?.hash ?? genesis;
  }

  /** Fails to insert, and returns false, when somebody else has chained an entry since. */
  async function tryInsert(
    text: string,
    found: SearchKeys,
    previous_hash: string,
  ): Promise<boolean> {
    const at = clock.now().epochMilliseconds;
    const hash = hashEntry(previous_hash, at, text);
    const { numInsertedOrUpdatedRows } = await db
      .insertInto("audit")
      .values({ at, entry: text, ...found, previous_hash, hash })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirstOrThrow();
    return numInsertedOrUpdatedRows === 1n;
  }

  async function* rowsFrom(first: number, last: number, signal?: AbortSignal) {
    for (let seq = first - 1; ; ) {
      signal?.throwIfAborted();
      const rows = await db
        .selectFrom("audit")
        .selectAll()
        .where("seq", ">", seq)
        .where("seq", "<=", last)
        .orderBy("seq")
        .limit(pageSize)
        .execute();
      yield* rows;
      if (rows.length < pageSize) return;
      seq = rows.at(-1)?.seq ?? seq;
      await turn();
    }
  }

  return {
    async append(entry, admit = async () => true) {
      const text = JSON.stringify(entry);
      const found = searchKeysOf(entry);
      for (;;) {
        const previous = await lastHash();
        if (!(await admit())) return false;
        if (await tryInsert(text, found, previous)) return true;
      }
    },

    async tail({ limit, vmid }) {
      const rows = await db
        .selectFrom("audit")
        .selectAll()
        .$if(vmid !== undefined, (query) => query.where("vmid", "=", vmid ?? null))
        .orderBy("seq", "desc")
        .limit(limit)
        .execute();
      return rows.reverse().map(toRecord);
    },

    async after(seq, limit) {
      const query = db.selectFrom("audit").selectAll().where("seq", ">", seq).orderBy("seq");
      const rows = await query.limit(limit).execute();
      return rows.map(toRecord);
    },

    async ofOrigin(origin) {
      const query = db.selectFrom("audit").selectAll().where("origin", "=", origin).orderBy("seq");
      const rows = await query.execute();
      return rows.map(toRecord);
    },

    async find(query) {
      const rows = await searchAudit(db, query).execute();
      const records = rows.slice(0, query.limit).reverse().map(toRecord);
      return { records, more: rows.length > query.limit };
    },

    async *links({ since = 0, until = Number.MAX_SAFE_INTEGER }) {
      const query = db.selectFrom("audit");
      const from = query
        .where("at", ">=", since)
        .select(({ fn }) => fn.min<number | null>("seq").as("seq"));
      const to = query
        .where("at", "<", until)
        .select(({ fn }) => fn.max<number | null>("seq").as("seq"));
      const { seq: first } = await from.executeTakeFirstOrThrow();
      const { seq: last } = await to.executeTakeFirstOrThrow();
      if (first === null || last === null) return;
      for await (const row of rowsFrom(first, last)) yield toLink(row);
    },

    async verify(signal) {
      async function* findable() {
        for await (const row of rowsFrom(1, Number.MAX_SAFE_INTEGER, signal)) {
          // A row that nobody finds any more is as good as removed.
          yield hasItsKeys(row) ? toLink(row) : { ...toLink(row), hash: "" };
        }
      }
      return verifyChain(findable(), genesis);
    },
  };
}

/** Trusts the JSON, which is our own; the chain says whether somebody else changed it. */
function toRecord({ seq, at, hash, entry }: Selectable<AuditTable>): AuditRecord {
  return { ...(JSON.parse(entry) as AuditEntry), seq, at, hash };
}

function toLink({ seq, at, entry, previous_hash, hash }: Selectable<AuditTable>): Link {
  return { seq, at, entry, previousHash: previous_hash, hash };
}
