import { randomUUID } from "node:crypto";
import type { Selectable, Updateable, UpdateResult } from "kysely";
import { Temporal } from "temporal-polyfill";
import type { Clock } from "#src/clock.ts";
import type { Principal } from "#src/policy/principal.ts";
import type { GuestTarget } from "#src/policy/target.ts";
import type { Database } from "#src/storage/database.ts";
import type { DeletionTable } from "#src/storage/schema.ts";

/**
 * `planned` is due at its time; `executing` is being carried out, or was when the program ended;
 * `held` waits for a person, who may move or cancel it. The others are over.
 */
export type DeletionState = "planned" | "executing" | "held" | "done" | "cancelled" | "failed";

type Person = Pick<Principal, "id" | "name">;

/** The guest that is to go, as it was when its deletion was scheduled. */
type DoomedGuest = Pick<GuestTarget, "vmid" | "kind" | "name" | "node" | "fingerprint">;

/** The deletion of one guest at one time. */
export interface Deletion {
  readonly id: string;
  readonly state: DeletionState;
  /** Grows with each change of the time; a confirmation holds for one revision. */
  readonly revision: number;
  readonly guest: DoomedGuest;
  readonly dueAt: Temporal.Instant;
  /** The zone in which the time was asked for. */
  readonly timeZone: string;
  readonly requestedBy: Person;
  readonly requestedAt: Temporal.Instant;
  /** Who confirmed this very revision; absent when nobody did. */
  readonly confirmedBy?: Person | undefined;
  readonly upid?: string | undefined;
  /** Why it is held, was cancelled or failed. */
  readonly reason?: string | undefined;
}

/** When it is due, and who confirmed that. */
export interface DeletionTime {
  readonly dueAt: Temporal.Instant;
  readonly timeZone: string;
  readonly confirmedBy?: Person | undefined;
}

export interface NewDeletion extends DeletionTime {
  readonly guest: DoomedGuest;
  readonly requestedBy: Person;
}

/** One state of one deletion; a change names the one it is meant for. */
export type DeletionVersion = Pick<Deletion, "id" | "revision">;

/**
 * The schedule of deletions. A guest has at most one that is open: planned, executing or held.
 * Each change is one conditional statement, which tells whether it still found what it is meant for.
 */
export interface DeletionStore {
  /** Undefined when a deletion of this guest is open already. */
  schedule(deletion: NewDeletion): Promise<Deletion | undefined>;
  find(id: string): Promise<Deletion | undefined>;
  findOpen(guest: Pick<GuestTarget, "vmid" | "fingerprint">): Promise<Deletion | undefined>;
  /** Soonest first. */
  listOpen(): Promise<readonly Deletion[]>;
  /** The planned ones whose time has come, longest due first. */
  due(): Promise<readonly Deletion[]>;
  /** Gives a planned or held one another time, as a new revision that needs its own confirmation. */
  reschedule(version: DeletionVersion, time: DeletionTime): Promise<Deletion | undefined>;
  /** Cancels a planned or held one, whatever its revision: this way is always safe. */
  cancel(id: string, by: Person): Promise<boolean>;
  /** From planned to executing; from here nobody can cancel it. True for one caller only. */
  claim(version: DeletionVersion): Promise<boolean>;
  /** From planned to held. */
  hold(version: DeletionVersion, reason: string): Promise<boolean>;
  /** From executing to done. */
  markDone(id: string, upid: string): Promise<boolean>;
  /** From executing to failed. */
  markFailed(id: string, reason: string, upid?: string): Promise<boolean>;
}

const openStates: readonly DeletionState[] = ["planned", "executing", "held"];
const movableStates: readonly DeletionState[] = ["planned", "held"];

export function createDeletionStore(db: Database, clock: Clock): DeletionStore {
  const now = () => clock.now().epochMilliseconds;

  const open = () =>
    db.selectFrom("deletion").selectAll().where("state", "in", openStates).orderBy("due_at");

  const change = (id: string, from: readonly DeletionState[], set: Updateable<DeletionTable>) =>
    db.updateTable("deletion").set(set).where("id", "=", id).where("state", "in", from);

  return {
    async schedule(deletion) {
      const row = await db
        .insertInto("deletion")
        .values(toRow(deletion, now()))
        .onConflict((conflict) => conflict.doNothing())
        .returningAll()
        .executeTakeFirst();
      return row && fromRow(row);
    },

    async find(id) {
      const query = db.selectFrom("deletion").selectAll().where("id", "=", id);
      const row = await query.executeTakeFirst();
      return row && fromRow(row);
    },

    async findOpen({ vmid, fingerprint }) {
      const query = open().where("vmid", "=", vmid).where("fingerprint", "=", fingerprint);
      const row = await query.executeTakeFirst();
      return row && fromRow(row);
    },

    async listOpen() {
      const rows = await open().execute();
      return rows.map(fromRow);
    },

    async due() {
      const query = open().where("state", "=", "planned").where("due_at", "<=", now());
      const rows = await query.execute();
      return rows.map(fromRow);
    },

    async reschedule({ id, revision }, time) {
      const next = { state: "planned", revision: revision + 1, reason: null };
      const row = await change(id, movableStates, { ...next, ...timeColumns(time, now()) })
        .where("revision", "=", revision)
        .returningAll()
        .executeTakeFirst();
      return row && fromRow(row);
    },

    cancel: (id, by) =>
      succeeded(
        change(id, movableStates, { state: "cancelled", reason: `Cancelled by ${by.name}.` }),
      ),

    claim: ({ id, revision }) =>
      succeeded(change(id, ["planned"], { state: "executing" }).where("revision", "=", revision)),

    hold: ({ id, revision }, reason) =>
      succeeded(
        change(id, ["planned"], { state: "held", reason }).where("revision", "=", revision),
      ),

    markDone: (id, upid) => succeeded(change(id, ["executing"], { state: "done", upid })),

    markFailed: (id, reason, upid) =>
      succeeded(change(id, ["executing"], { state: "failed", reason, upid: upid ?? null })),
  };
}

/** Whether the conditions of a conditional update held. */
async function succeeded(update: {
  executeTakeFirst(): Promise<UpdateResult | undefined>;
}): Promise<boolean> {
  const result = await update.executeTakeFirst();
  return result?.numUpdatedRows === 1n;
}

/** A time comes with its own confirmation or with none: an earlier one does not hold for it. */
function timeColumns({ dueAt, timeZone, confirmedBy }: DeletionTime, now: number) {
  return {
    due_at: dueAt.epochMilliseconds,
    time_zone: timeZone,
    confirmed_by: confirmedBy?.id ?? null,
    confirmed_by_name: confirmedBy?.name ?? null,
    confirmed_at: confirmedBy ? now : null,
  };
}

function toRow(deletion: NewDeletion, now: number): Selectable<DeletionTable> {
  const { guest, requestedBy } = deletion;
  return {
    id: randomUUID(),
    state: "planned",
    revision: 1,
    vmid: guest.vmid,
    kind: guest.kind,
    name: guest.name,
    node: guest.node,
    fingerprint: guest.fingerprint,
    ...timeColumns(deletion, now),
    requested_by: requestedBy.id,
    requested_by_name: requestedBy.name,
    requested_at: now,
    upid: null,
    reason: null,
  };
}

function fromRow(row: Selectable<DeletionTable>): Deletion {
  const { vmid, name, node, fingerprint } = row;
  return {
    id: row.id,
    state: row.state as DeletionState,
    revision: row.revision,
    guest: { vmid, kind: row.kind as DoomedGuest["kind"], name, node, fingerprint },
    dueAt: Temporal.Instant.fromEpochMilliseconds(row.due_at),
    timeZone: row.time_zone,
    requestedBy: { id: row.requested_by, name: row.requested_by_name },
    requestedAt: Temporal.Instant.fromEpochMilliseconds(row.requested_at),
    confirmedBy: personOf(row.confirmed_by, row.confirmed_by_name),
    upid: row.upid ?? undefined,
    reason: row.reason ?? undefined,
  };
}

function personOf(id: string | null, name: string | null): Person | undefined {
  return id === null ? undefined : { id, name: name ?? id };
}
