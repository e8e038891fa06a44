import type { Generated } from "kysely";

/**
 * The tables, in types that SQLite and PostgreSQL share: text, numbers (instants as epoch
 * milliseconds, yes and no as 1 and 0), JSON as text.
 */
export interface Tables {
  audit: AuditTable;
  confirmation: ConfirmationTable;
  session_item: SessionItemTable;
  deletion: DeletionTable;
  inbox: InboxTable;
  outbox: OutboxTable;
  cursor: CursorTable;
  slack_thread: SlackThreadTable;
}

export interface AuditTable {
  seq: Generated<number>;
  at: number;
  entry: string;
  /** VMID of the guest in the entry, for searching. */
  vmid: number | null;
  /** The message that led to the entry, for searching. */
  origin: string | null;
  previous_hash: string;
  hash: string;
}

export interface ConfirmationTable {
  id: string;
  state: string;
  tool: string;
  input: string;
  target: string;
  hash: string;
  summary: string;
  conversation: string;
  requested_by: string;
  requested_by_name: string;
  requested_at: number;
  expires_at: number;
  decided_by: string | null;
  decided_at: number | null;
  vmid: number | null;
  place: string | null;
  /** 1 once the place no longer shows it as open. */
  settled: number;
}

export interface SessionItemTable {
  seq: Generated<number>;
  conversation: string;
  item: string;
  at: number;
}

export interface DeletionTable {
  id: string;
  state: string;
  revision: number;
  vmid: number;
  kind: string;
  name: string;
  node: string;
  fingerprint: string;
  due_at: number;
  time_zone: string;
  requested_by: string;
  requested_by_name: string;
  requested_at: number;
  /** Who confirmed the present revision; a new time without a confirmation clears it. */
  confirmed_by: string | null;
  confirmed_by_name: string | null;
  confirmed_at: number | null;
  upid: string | null;
  /** Why it is held, or what went wrong. */
  reason: string | null;
}

export interface InboxTable {
  /** What makes a delivery the same as an earlier one. */
  key: string;
  /** One after another within a lane, side by side across lanes; at once where it is empty. */
  lane: string;
  payload: string;
  /** `received`, `running`, `done`, or `dead` for what was given up. */
  state: string;
  /** How often it was begun. */
  attempts: number;
  received_at: number;
  done_at: number | null;
}

export interface OutboxTable {
  /** What makes saying it twice the same. */
  key: string;
  /** `new`, `sending`, `sent` or `dead`. */
  state: string;
  recipient: string;
  message: string;
  attempts: number;
  next_at: number;
  created_at: number;
  /** Where it was said, in the front end's terms, once it was. */
  place: string | null;
}

export interface CursorTable {
  name: string;
  /** The last entry that its reader has dealt with. */
  position: number;
}

export interface SlackThreadTable {
  /** `TEAM/CHANNEL/TS` of the thread's root. */
  thread: string;
  engaged_at: number;
}
