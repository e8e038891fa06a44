import type { Migration } from "./migration.ts";

/** Instants are epoch milliseconds, and too large for an integer of PostgreSQL. */
export const initial: Migration = {
  name: "0001-initial",
  statements: ({ counter, appendOnly }) => [
    `create table audit (
      seq ${counter},
      at bigint not null,
      entry text not null,
      tool text not null,
      person text not null,
      person_name text not null,
      approver text,
      approver_name text,
      vmid integer,
      guest text,
      guests text,
      origin text,
      previous_hash text not null unique,
      hash text not null unique
    )`,
    ...["at", "tool", "person", "person_name", "approver", "approver_name"].map(indexOfAudit),
    ...["vmid", "guest", "origin"].map(indexOfAudit),
    ...appendOnly("audit"),

    `create table confirmation (
      id text primary key,
      state text not null,
      tool text not null,
      input text not null,
      target text not null,
      hash text not null,
      summary text not null,
      conversation text not null,
      requested_by text not null,
      requested_by_name text not null,
      requested_at bigint not null,
      expires_at bigint not null,
      decided_by text,
      decided_at bigint,
      vmid integer,
      needs text not null,
      reasons text not null,
      requester_at bigint,
      requester_place text,
      approver_id text,
      approver_name text,
      approver_at bigint,
      approver_place text,
      place text,
      approvers_place text,
      settled integer not null
    )`,
    "create index confirmation_hash on confirmation (hash)",

    `create table session_item (
      seq ${counter},
      conversation text not null,
      item text not null,
      at bigint not null
    )`,
    "create index session_item_conversation on session_item (conversation, seq)",

    `create table deletion (
      id text primary key,
      state text not null,
      revision integer not null,
      vmid integer not null,
      kind text not null,
      name text not null,
      node text not null,
      fingerprint text not null,
      pool text,
      due_at bigint not null,
      time_zone text not null,
      requested_by text not null,
      requested_by_name text not null,
      requested_at bigint not null,
      confirmed_by text,
      confirmed_by_name text,
      confirmed_at bigint,
      without_backup integer not null,
      beyond_limit integer not null,
      event_etag text,
      event_at bigint,
      event_gone integer not null,
      reminded_revision integer not null,
      next_at bigint,
      owner text,
      lease_until bigint not null,
      fence integer not null,
      attempts integer not null,
      begun_at bigint,
      stopped_by_us integer not null,
      task_step text,
      task_upid text,
      backup_storage text,
      backup_volume text,
      backup_until bigint,
      committed_at bigint,
      upid text,
      mark text,
      reason text
    )`,
    `create unique index deletion_open_guest on deletion (vmid, fingerprint)
      where state in ('inserting', 'planned', 'preparing', 'destroying', 'held')`,
    "create index deletion_next on deletion (next_at) where next_at is not null",
    "create index deletion_begun on deletion (begun_at) where begun_at is not null",

    `create table calendar_event (
      id text primary key,
      seq integer not null unique,
      cancelled integer not null,
      starts_at bigint not null,
      time_zone text not null,
      title text not null,
      description text not null,
      creator text not null,
      marks text not null
    )`,

    `create table calendar_sync (
      calendar_id text primary key,
      token text,
      synced_at bigint not null,
      owner text,
      lease_until bigint not null
    )`,

    "create table installation (slot integer primary key, id text not null)",

    `create table lock (
      name text primary key,
      taken_at bigint not null
    )`,

    `create table inbox (
      key text primary key,
      lane text not null,
      payload text not null,
      state text not null,
      attempts integer not null,
      received_at bigint not null,
      done_at bigint
    )`,
    "create index inbox_state on inbox (state, received_at)",

    `create table outbox (
      key text primary key,
      state text not null,
      recipient text not null,
      message text not null,
      about text,
      attempts integer not null,
      next_at bigint not null,
      created_at bigint not null,
      place text,
      stage text not null
    )`,
    "create index outbox_due on outbox (state, next_at)",
    "create index outbox_unsettled on outbox (created_at) where about is not null and stage <> 'over'",

    `create table cursor (
      name text primary key,
      position bigint not null
    )`,

    `create table slack_thread (
      thread text primary key,
      engaged_at bigint not null
    )`,

    `create table brake (
      slot integer primary key,
      by_id text not null,
      by_name text not null,
      reason text not null,
      pulled_at bigint not null
    )`,
  ],
};

function indexOfAudit(column: string): string {
  return `create index audit_${column} on audit (${column})`;
}
