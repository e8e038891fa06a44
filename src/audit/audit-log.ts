import { createHash } from "node:crypto";
import type { Selectable } from "kysely";
import type { Clock } from "#src/clock.ts";
import type { Decision } from "#src/policy/policy.ts";
import type { Target } from "#src/policy/target.ts";
import type { Database } from "#src/storage/database.ts";
import type { AuditTable } from "#src/storage/schema.ts";

export type AuditStep =
  /** It could not even be planned, though the guest was known. */
  | "refused"
  | "denied"
  | "confirmation-requested"
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

export type Verification =
  | { readonly ok: true; readonly entries: number; readonly head: string }
  | { readonly ok: false; readonly entries: number; readonly brokenAt: number };

export interface AuditLog {
  /** Writes one entry durably. When it rejects, nothing may be done that was to be recorded. */
  append(entry: AuditEntry): Promise<void>;
  /** The latest entries, oldest first, of one guest or of all. */
  tail(options: {
    readonly limit: number;
    readonly vmid?: number;
  }): Promise<readonly AuditRecord[]>;
  /** The entries after the one with this number, oldest first, and at most `limit` of them. */
  after(seq: number, limit: number): Promise<readonly AuditRecord[]>;
  /** What a message has led to so far, oldest first. */
  ofOrigin(origin: string): Promise<readonly AuditRecord[]>;
  /** Recomputes the chain from the first entry on. */
  verify(): Promise<Verification>;
}

/** By what entries are found, besides their order. */
type SearchKeys = Pick<Selectable<AuditTable>, "vmid" | "origin">;

/** What the first entry's chain starts from. */
const genesis = "0".repeat(64);
const pageSize = 1000;

/**
 * An append-only log in which each entry carries the hash of the one before it, so that an entry
 * that was changed, removed or slipped in breaks the chain from there on.
 */
export function createAuditLog(db: Database, clock: Clock): AuditLog {
  /** Fails to insert, and returns false, when somebody else has just chained an entry. */
  async function tryInsert(text: string, found: SearchKeys): Promise<boolean> {
    const last = await db
      .selectFrom("audit")
      .select("hash")
      .orderBy("seq", "desc")
      .limit(1)
      .executeTakeFirst();
    const previous_hash = last?.hash ?? genesis;
    const at = clock.now().epochMilliseconds;
    const hash = hashEntry(previous_hash, at, text);
    const { numInsertedOrUpdatedRows } = await db
      .insertInto("audit")
      .values({ at, entry: text, ...found, previous_hash, hash })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirstOrThrow();
    return numInsertedOrUpdatedRows === 1n;
  }

  async function* allRows() {
    for (let seq = 0; ; ) {
      const page = db.selectFrom("audit").selectAll().where("seq", ">", seq).orderBy("seq");
      const rows = await page.limit(pageSize).execute();
      yield* rows;
      if (rows.length < pageSize) return;
      seq = rows.at(-1)?.seq ?? seq;
    }
  }

  return {
    async append(entry) {
      const text = JSON.stringify(entry);
      const found = { vmid: entry.target.guest?.vmid ?? null, origin: entry.origin ?? null };
      while (!(await tryInsert(text, found)));
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

    async verify() {
      let head = genesis;
      let entries = 0;
      for await (const row of allRows()) {
        const intact =
          row.previous_hash === head && row.hash === hashEntry(head, row.at, row.entry);
        if (!intact) return { ok: false, entries, brokenAt: row.seq };
        head = row.hash;
        entries += 1;
      }
      return { ok: true, entries, head };
    },
  };
}

function hashEntry(previousHash: string, at: number, entry: string): string {
  return createHash("sha256").update(`${previousHash}\n${at}\n${entry}`).digest("hex");
}

/** Trusts the JSON, which is our own; the chain says whether somebody else changed it. */
function toRecord({ seq, at, hash, entry }: Selectable<AuditTable>): AuditRecord {
  return { ...(JSON.parse(entry) as AuditEntry), seq, at, hash };
}
