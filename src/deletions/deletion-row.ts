import type { Selectable, Updateable } from "kysely";
import { Temporal } from "temporal-polyfill";
import type { DeletionTable } from "#src/storage/schema.ts";
import type { Claim, Deletion, DeletionTime, NewDeletion, Person } from "./deletion.ts";

/** What a worker changes of a deletion that it has claimed; null takes a fact away. */
export type DeletionChange = Partial<
  Pick<Deletion, "state" | "eventGone" | "remindedRevision" | "attempts" | "stoppedByUs">
> & {
  readonly event?: NonNullable<Deletion["event"]>;
  readonly committedAt?: Temporal.Instant | null;
  readonly upid?: string | null;
  readonly nextAt?: Temporal.Instant | null;
  readonly task?: NonNullable<Deletion["task"]> | null;
  readonly backup?: NonNullable<Deletion["backup"]> | null;
  readonly mark?: string | null;
  readonly reason?: string | null;
};

/** The columns that a change sets; what it does not mention is left out. */
export function toColumns(change: DeletionChange): Updateable<DeletionTable> {
  const { event, nextAt, task, backup, committedAt } = change;
  return {
    ...(change.state !== undefined && { state: change.state }),
    ...(change.eventGone !== undefined && { event_gone: Number(change.eventGone) }),
    ...(change.remindedRevision !== undefined && { reminded_revision: change.remindedRevision }),
    ...(change.attempts !== undefined && { attempts: change.attempts }),
    ...(change.stoppedByUs !== undefined && { stopped_by_us: Number(change.stoppedByUs) }),
    ...(change.upid !== undefined && { upid: change.upid }),
    ...(change.mark !== undefined && { mark: change.mark }),
    ...(change.reason !== undefined && { reason: change.reason }),
    ...(committedAt !== undefined && { committed_at: millisecondsOf(committedAt) }),
    ...(nextAt !== undefined && { next_at: millisecondsOf(nextAt) }),
    ...(event && { event_etag: event.etag, event_at: event.startsAt.epochMilliseconds }),
    ...(task !== undefined && { task_step: task?.step ?? null, task_upid: task?.upid ?? null }),
    ...(backup !== undefined && {
      backup_storage: backup?.storage ?? null,
      backup_volume: backup?.volume ?? null,
      backup_until: millisecondsOf(backup?.until ?? null),
    }),
  };
}

/** A time comes with its own confirmation or with none: an earlier one does not hold for it. */
export function timeColumns(time: DeletionTime, now: number) {
  const { dueAt, timeZone, confirmedBy, approvedBy } = time;
  return {
    // Calendars keep whole seconds; the event would never be where the deletion is.
    due_at: wholeSeconds(dueAt),
    time_zone: timeZone,
    confirmed_by: confirmedBy?.id ?? null,
    confirmed_by_name: confirmedBy?.name ?? null,
    confirmed_at: confirmedBy ? now : null,
    approved_by: confirmedBy && approvedBy ? JSON.stringify(approvedBy) : null,
  };
}

/** Who asks for it, when, and where the guest is then. */
export function requestColumns({ guest, requestedBy, ofLease = false }: NewDeletion, now: number) {
  return {
    name: guest.name,
    node: guest.node,
    pool: guest.pool ?? null,
    requested_by: requestedBy.id,
    requested_by_name: requestedBy.name,
    requested_at: now,
    of_lease: Number(ofLease),
  };
}

export function toRow(deletion: NewDeletion, id: string, now: number): Selectable<DeletionTable> {
  const { guest, withoutBackup = false } = deletion;
  return {
    id,
    state: "inserting",
    revision: 1,
    vmid: guest.vmid,
    kind: guest.kind,
    fingerprint: guest.fingerprint,
    ...timeColumns(deletion, now),
    ...requestColumns(deletion, now),
    without_backup: Number(withoutBackup),
    beyond_limit: 0,
    event_etag: null,
    event_at: null,
    event_gone: 0,
    reminded_revision: 0,
    next_at: now,
    owner: null,
    lease_until: 0,
    fence: 0,
    attempts: 0,
    begun_at: null,
    stopped_by_us: 0,
    task_step: null,
    task_upid: null,
    backup_storage: null,
    backup_volume: null,
    backup_until: null,
    committed_at: null,
    upid: null,
    mark: null,
    reason: null,
    restored_as: null,
  };
}

/** A row as a deletion, with what makes it a claim for whoever holds one. */
export function fromRow(row: Selectable<DeletionTable>): Claim {
  const { vmid, name, node, fingerprint } = row;
  const kind = row.kind as Deletion["guest"]["kind"];
  return {
    id: row.id,
    state: row.state as Deletion["state"],
    revision: row.revision,
    guest: { vmid, kind, name, node, fingerprint, pool: row.pool ?? undefined },
    dueAt: instantOf(row.due_at),
    timeZone: row.time_zone,
    requestedBy: { id: row.requested_by, name: row.requested_by_name },
    requestedAt: instantOf(row.requested_at),
    ofLease: row.of_lease === 1,
    confirmedBy: personOf(row.confirmed_by, row.confirmed_by_name),
    confirmedAt: maybe(row.confirmed_at, instantOf),
    approvedBy: maybe(row.approved_by, peopleOf),
    withoutBackup: row.without_backup === 1,
    beyondLimit: row.beyond_limit === 1,
    event: eventOf(row),
    eventGone: row.event_gone === 1,
    remindedRevision: row.reminded_revision,
    nextAt: maybe(row.next_at, instantOf),
    attempts: row.attempts,
    begunAt: maybe(row.begun_at, instantOf),
    stoppedByUs: row.stopped_by_us === 1,
    task: taskOf(row),
    backup: backupOf(row),
    committedAt: maybe(row.committed_at, instantOf),
    upid: row.upid ?? undefined,
    mark: row.mark ?? undefined,
    restoredAs: row.restored_as ?? undefined,
    reason: row.reason ?? undefined,
    fence: row.fence,
    leaseUntil: instantOf(row.lease_until),
  };
}

function eventOf({ event_etag, event_at }: Selectable<DeletionTable>): Deletion["event"] {
  if (event_etag === null || event_at === null) return undefined;
  return { etag: event_etag, startsAt: instantOf(event_at) };
}

function taskOf({ task_step, task_upid }: Selectable<DeletionTable>): Deletion["task"] {
  if (task_step === null || task_upid === null) return undefined;
  return { step: task_step as NonNullable<Deletion["task"]>["step"], upid: task_upid };
}

function backupOf(row: Selectable<DeletionTable>): Deletion["backup"] {
  const { backup_storage: storage, backup_volume: volume, backup_until: until } = row;
  if (storage === null || volume === null) return undefined;
  return { storage, volume, until: maybe(until, instantOf) };
}

function instantOf(milliseconds: number): Temporal.Instant {
  return Temporal.Instant.fromEpochMilliseconds(milliseconds);
}

function wholeSeconds(instant: Temporal.Instant): number {
  return instant.round({ smallestUnit: "second", roundingMode: "floor" }).epochMilliseconds;
}

function millisecondsOf(instant: Temporal.Instant | null): number | null {
  return instant?.epochMilliseconds ?? null;
}

function maybe<T, R>(value: T | null, to: (value: T) => R): R | undefined {
  return value === null ? undefined : to(value);
}

/** Trusts the JSON, which is our own. */
function peopleOf(json: string): readonly Person[] {
  return JSON.parse(json) as readonly Person[];
}

function personOf(id: string | null, name: string | null): Person | undefined {
  return id === null ? undefined : { id, name: name ?? id };
}
