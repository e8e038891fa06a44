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
  calendar_event: CalendarEventTable;
  calendar_sync: CalendarSyncTable;
  installation: InstallationTable;
  lock: LockTable;
  inbox: InboxTable;
  outbox: OutboxTable;
  cursor: CursorTable;
  slack_thread: SlackThreadTable;
  brake: BrakeTable;
  lease: LeaseTable;
  hold: HoldTable;
  first_policy: FirstPolicyTable;
}

export interface AuditTable {
  seq: Generated<number>;
  at: number;
  entry: string;
  // What follows stands in the entry as well, and is here for searching; names and ids in lower case.
  tool: string;
  person: string;
  person_name: string;
  approver: string | null;
  approver_name: string | null;
  vmid: number | null;
  guest: string | null;
  /** VMIDs and names, each between two bars, of an entry on several guests; it has no `vmid`. */
  guests: string | null;
  /** The message that led to the entry. */
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
  /** Who has to confirm: `requester`, `approver` or `two-persons`. */
  needs: string;
  /** JSON: why it is asked. */
  reasons: string;
  /** When the requester confirmed, and where. */
  requester_at: number | null;
  requester_place: string | null;
  /** Who else approved, when and where; never the requester. */
  approver_id: string | null;
  approver_name: string | null;
  approver_at: number | null;
  approver_place: string | null;
  /** Where it is shown: in its conversation, and to the approvers. */
  place: string | null;
  approvers_place: string | null;
  /** 1 once these places no longer show it as open. */
  settled: number;
}

export interface SessionItemTable {
  seq: Generated<number>;
  conversation: string;
  item: string;
  at: number;
}

export interface DeletionTable {
  /** Also the id of its event in the calendar. */
  id: string;
  state: string;
  revision: number;
  vmid: number;
  kind: string;
  name: string;
  node: string;
  fingerprint: string;
  pool: string | null;
  due_at: number;
  time_zone: string;
  requested_by: string;
  requested_by_name: string;
  requested_at: number;
  /** In whose name the present revision is confirmed; a new time without that clears it. */
  confirmed_by: string | null;
  confirmed_by_name: string | null;
  confirmed_at: number | null;
  /** JSON: who gave the confirmation; null in rows from before that was kept. */
  approved_by: string | null;
  /** 1 when a person has said that no backup is wanted. */
  without_backup: number;
  /** 1 when a person has let it go beyond the limit of deletions per hour. */
  beyond_limit: number;
  /** The event as it was last seen or written: its version and its start; null until it is there. */
  event_etag: string | null;
  event_at: number | null;
  /** 1 once the event was seen to be gone, or was removed. */
  event_gone: number;
  /** The revision of which people were reminded last. */
  reminded_revision: number;
  /** When it wants attention next; null when it wants none. */
  next_at: number | null;
  /** Who works on it, and until when; the fence grows with each claim. */
  owner: string | null;
  lease_until: number;
  fence: number;
  /** How often in a row it could not go on. */
  attempts: number;
  /** When its preparation began. */
  begun_at: number | null;
  /** 1 while the guest is stopped because we stopped it. */
  stopped_by_us: number;
  /** The task that the preparation waits for: `shutdown`, `stop`, `backup` or `start`. */
  task_step: string | null;
  task_upid: string | null;
  backup_storage: string | null;
  backup_volume: string | null;
  backup_until: number | null;
  /** When the point of no return was passed. */
  committed_at: number | null;
  upid: string | null;
  /** The mark on the guest, where it was set. */
  mark: string | null;
  /** Why it is held, or what went wrong. */
  reason: string | null;
  /** The VMID under which the guest was brought back last. */
  restored_as: number | null;
  /** 1 when it is the end of the guest's lease: nobody has asked for it. */
  of_lease: number;
}

/** The local calendar. */
export interface CalendarEventTable {
  id: string;
  /** Of the latest change, over all events. */
  seq: number;
  cancelled: number;
  starts_at: number;
  time_zone: string;
  title: string;
  description: string;
  creator: string;
  marks: string;
}

export interface CalendarSyncTable {
  calendar_id: string;
  /** Up to where the calendar was read; null when everything has to be read. */
  token: string | null;
  /** When it was last read to the end. */
  synced_at: number;
  /** Who reads it, and until when. */
  owner: string | null;
  lease_until: number;
}

export interface InstallationTable {
  /** 1: there is no other row. */
  slot: number;
  /** Tells this installation's events from another's in the same calendar. */
  id: string;
}

/** Rows that are written only to have others wait. */
export interface LockTable {
  name: string;
  taken_at: number;
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
  /** JSON: what it is about, where it can be answered. */
  about: string | null;
  attempts: number;
  next_at: number;
  created_at: number;
  /** Where it was said, in the front end's terms, once it was. */
  place: string | null;
  /** What it shows there of what it is about: `open`, `closed` or `over`. */
  stage: string;
}

export interface CursorTable {
  name: string;
  /** The last entry that its reader has dealt with. */
  position: number;
}

/** A row while every change is stopped. */
export interface BrakeTable {
  /** 1: there is no other row. */
  slot: number;
  by_id: string;
  by_name: string;
  reason: string;
  pulled_at: number;
}

/** The policy with which a host began, so that another one later is news. */
export interface FirstPolicyTable {
  host: string;
  digest: string;
}

/** The latest hold on the guest of a VMID, also one that has ended. */
export interface HoldTable {
  vmid: number;
  kind: string;
  name: string;
  node: string;
  fingerprint: string;
  by_id: string;
  by_name: string;
  reason: string;
  since: number;
  /** When it ends by itself; null when a person has to end it. */
  until: number | null;
  /** When a person ended it. */
  ended_at: number | null;
}

/** Guests that live for a time only, each from when it was first seen to. */
export interface LeaseTable {
  vmid: number;
  kind: string;
  fingerprint: string;
  name: string;
  began_at: number;
}

export interface SlackThreadTable {
  /** `TEAM/CHANNEL/TS` of the thread's root. */
  thread: string;
  engaged_at: number;
}
