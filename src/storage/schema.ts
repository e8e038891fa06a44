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
