import { type ExpressionBuilder, type Selectable, sql } from "kysely";
import { type GuestTarget, guestsIn } from "#src/policy/target.ts";
import type { Database } from "#src/storage/database.ts";
import type { AuditTable, Tables } from "#src/storage/schema.ts";
import type { AuditEntry } from "./audit-log.ts";

/** Which entries are wanted; what is absent is left open. */
export interface AuditQuery {
  /** A VMID, or a name in any case; also of guests that are gone. */
  readonly guest?: number | string | undefined;
  /** An id or a name in any case, of who asked or of who answered. */
  readonly person?: string | undefined;
  readonly tools?: readonly string[] | undefined;
  /** Epoch milliseconds. */
  readonly since?: number | undefined;
  /** Epoch milliseconds, not included. */
  readonly until?: number | undefined;
  /** How many at the most: the latest. */
  readonly limit: number;
}

/** By what entries are found, besides their order. */
export type SearchKeys = Pick<
  Selectable<AuditTable>,
  | "tool"
  | "person"
  | "person_name"
  | "approver"
  | "approver_name"
  | "vmid"
  | "guest"
  | "guests"
  | "origin"
>;

/** The keys of an entry. */
export function searchKeysOf(entry: AuditEntry): SearchKeys {
  const { tool, principal, approver, target, origin } = entry;
  const several = target.guest ? [] : guestsIn(target);
  return {
    tool,
    person: key(principal.id),
    person_name: key(principal.name),
    approver: approver ? key(approver.id) : null,
    approver_name: approver ? key(approver.name) : null,
    vmid: target.guest?.vmid ?? null,
    guest: target.guest ? key(target.guest.name) : null,
    guests: several.length > 0 ? several.map(keysOfGuest).join("") : null,
    origin: origin ?? null,
  };
}

/** Whether a row can still be found by what its entry says; not where that is no entry. */
export function hasItsKeys(row: SearchKeys & Pick<Selectable<AuditTable>, "entry">): boolean {
  let keys: SearchKeys;
  try {
    keys = searchKeysOf(JSON.parse(row.entry) as AuditEntry);
  } catch {
    return false;
  }
  return (Object.keys(keys) as (keyof SearchKeys)[]).every((name) => row[name] === keys[name]);
}

/** The latest rows that fit, latest first, and one more than the limit where there are more. */
export function searchAudit(
  db: Database,
  { guest, person, tools, since, until, limit }: AuditQuery,
) {
  return db
    .selectFrom("audit")
    .selectAll()
    .$if(guest !== undefined, (query) => query.where((row) => isOfGuest(row, guest ?? "")))
    .$if(person !== undefined, (query) => query.where((row) => isOfPerson(row, person ?? "")))
    .$if(tools !== undefined, (query) => query.where("tool", "in", tools ?? []))
    .$if(since !== undefined, (query) => query.where("at", ">=", since ?? 0))
    .$if(until !== undefined, (query) => query.where("at", "<", until ?? 0))
    .orderBy("seq", "desc")
    .limit(limit + 1);
}

type Row = ExpressionBuilder<Tables, "audit">;

function isOfGuest(row: Row, guest: number | string) {
  const own = typeof guest === "number" ? row("vmid", "=", guest) : row("guest", "=", key(guest));
  const pattern = `%|${key(String(guest)).replace(/[\\%_]/g, "\\$&")}|%`;
  const oneOfSeveral = sql<boolean>`guests like ${pattern} escape '\\'`;
  return row.or([own, row.and([row("vmid", "is", null), oneOfSeveral])]);
}

function isOfPerson(row: Row, person: string) {
  const columns = ["person", "person_name", "approver", "approver_name"] as const;
  return row.or(columns.map((column) => row(column, "=", key(person))));
}

function keysOfGuest({ vmid, name }: GuestTarget, index: number): string {
  return `${index === 0 ? "|" : ""}${vmid}|${key(name)}|`;
}

function key(text: string): string {
  return text.trim().toLowerCase();
}
