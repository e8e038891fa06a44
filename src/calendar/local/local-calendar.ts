import type { Selectable } from "kysely";
import { Temporal } from "temporal-polyfill";
import type {
  Calendar,
  CalendarEvent,
  EventChange,
  EventTime,
  NewEvent,
} from "#src/calendar/calendar.ts";
import { CalendarError } from "#src/calendar/calendar-error.ts";
import type { Clock } from "#src/clock.ts";
import type { Database } from "#src/storage/database.ts";
import { lock } from "#src/storage/lock.ts";
import type { CalendarEventTable } from "#src/storage/schema.ts";

/** An event as people see it in the calendar. */
export interface CalendarEntry extends Omit<NewEvent, "marks"> {
  /** Grows with each change of the event. */
  readonly sequence: number;
}

/** The calendar in a person's hands: it obeys, as any calendar does, and asks nobody. */
export interface CalendarEditor {
  /** What is in the calendar, the earliest first. */
  list(): Promise<readonly CalendarEntry[]>;
  /** @returns whether the event was still there */
  move(id: string, time: EventTime): Promise<boolean>;
  /** One that is gone already is no failure. */
  remove(id: string): Promise<void>;
  /**
   * Brings back what was removed, as it was.
   *
   * @returns whether there was anything to bring back
   */
  restore(id: string): Promise<boolean>;
}

export interface LocalCalendar extends Calendar, CalendarEditor {
  remove(id: string, signal?: AbortSignal): Promise<void>;
}

interface Options {
  /** Waited for after each change; what it rejects with reaches whoever made the change. */
  onChange?(): Promise<void>;
}

/** Named as whoever made the events: nothing else writes them. */
const creator = "proxmox-agent";

type Row = Selectable<CalendarEventTable>;

/**
 * The calendar in the database, for whoever has no other: removed events leave a tombstone, each
 * change is counted, and the count is both the version of what was changed and the token.
 */
export function createLocalCalendar(
  db: Database,
  clock: Clock,
  { onChange = async () => {} }: Options = {},
): LocalCalendar {
  async function write<T>(act: (tx: Database, seq: number) => Promise<T>): Promise<T> {
    const result = await db.transaction().execute(async (tx) => {
      // Changes come one after another, so that no number is seen before a lower one.
      await lock(tx, "local-calendar", clock.now().epochMilliseconds);
      return act(tx, (await latestChange(tx)) + 1);
    });
    await onChange();
    return result;
  }

  /** Changes what `decide` says; undefined where there is no such event, or it is to stay as it is. */
  function edit(id: string, decide: (row: Row) => Partial<Row> | undefined) {
    return write(async (tx, seq) => {
      const row = await findRow(tx, id);
      const columns = row && decide(row);
      if (!columns) return undefined;
      const update = tx.updateTable("calendar_event").set({ ...columns, seq });
      return update.where("id", "=", id).returningAll().executeTakeFirstOrThrow();
    });
  }

  return {
    id: "local",

    async insert(event, signal) {
      signal.throwIfAborted();
      const row = await write(async (tx, seq) => {
        const { id, marks } = event;
        const known = await findRow(tx, id);
        if (known) return known;
        const own = { id, seq, cancelled: 0, creator, marks: JSON.stringify(marks) };
        const values = { ...own, ...timeColumns(event), ...textOf(event) };
        const insert = tx.insertInto("calendar_event").values(values);
        return insert.returningAll().executeTakeFirstOrThrow();
      });
      return fromRow(row);
    },

    async find(id, signal) {
      signal.throwIfAborted();
      const row = await findRow(db, id);
      return row && fromRow(row);
    },

    async change(id, etag, change, signal) {
      signal.throwIfAborted();
      const row = await edit(id, (known) => {
        if (known.cancelled === 1) return undefined;
        if (etagOf(known) === etag) return changedColumns(known, change);
        throw new CalendarError("changed", "The event was changed in the calendar meanwhile.");
      });
      if (row) return fromRow(row);
      throw new CalendarError("gone", "The event was removed from the calendar.");
    },

    async remove(id, signal) {
      signal?.throwIfAborted();
      await edit(id, ({ cancelled }) => (cancelled ? undefined : { cancelled: 1 }));
    },

    async changes(token, signal) {
      signal.throwIfAborted();
      // Before the events: one that changes in between is told again, and none is missed.
      const position = await latestChange(db);
      const since = token === undefined ? undefined : readToken(token, position);
      const query = db.selectFrom("calendar_event").selectAll().orderBy("seq");
      const wanted =
        since === undefined ? query.where("cancelled", "=", 0) : query.where("seq", ">", since);
      const rows = await wanted.execute();
      const complete = since === undefined;
      return { events: rows.map(fromRow), token: String(position), complete };
    },

    async list() {
      const query = db.selectFrom("calendar_event").selectAll().where("cancelled", "=", 0);
      const rows = await query.orderBy("starts_at").orderBy("id").execute();
      return rows.map(toEntry);
    },

    async move(id, time) {
      const row = await edit(id, ({ cancelled }) => (cancelled ? undefined : timeColumns(time)));
      return row !== undefined;
    },

    async restore(id) {
      const row = await edit(id, ({ cancelled }) => (cancelled ? { cancelled: 0 } : undefined));
      return row !== undefined;
    },
  };
}

/** The number of the latest change; they count from 1. */
async function latestChange(db: Database): Promise<number> {
  const query = db.selectFrom("calendar_event").select(({ fn }) => fn.max("seq").as("latest"));
  return Number((await query.executeTakeFirstOrThrow()).latest ?? 0);
}

/** A token that counts changes which never were, is another calendar's or of a lost database. */
function readToken(token: string, position: number): number {
  const since = /^\d{1,15}$/.test(token) ? Number(token) : Number.POSITIVE_INFINITY;
  if (since <= position) return since;
  throw new CalendarError("token-expired", "The calendar has to be read from the beginning.");
}

function findRow(db: Database, id: string): Promise<Row | undefined> {
  return db.selectFrom("calendar_event").selectAll().where("id", "=", id).executeTakeFirst();
}

function etagOf({ seq }: Row): string {
  return `"${seq}"`;
}

/** To the second, as calendars keep it. */
function timeColumns({ startsAt, timeZone }: EventTime) {
  const { epochMilliseconds } = startsAt.round({ smallestUnit: "second", roundingMode: "floor" });
  return { starts_at: epochMilliseconds, time_zone: timeZone };
}

function textOf({ title, description }: Pick<NewEvent, "title" | "description">) {
  return { title, description };
}

function changedColumns(row: Row, { time, title, description, marks }: EventChange): Partial<Row> {
  return {
    ...textOf({ title: title ?? row.title, description: description ?? row.description }),
    ...(time && timeColumns(time)),
    ...(marks && { marks: JSON.stringify({ ...marksOf(row), ...marks }) }),
  };
}

function marksOf({ marks }: Row): NewEvent["marks"] {
  return JSON.parse(marks) as NewEvent["marks"];
}

function fromRow(row: Row): CalendarEvent {
  const { id, title, creator } = row;
  const startsAt = Temporal.Instant.fromEpochMilliseconds(row.starts_at);
  const state = { cancelled: row.cancelled === 1, recurring: false, marks: marksOf(row) };
  return { id, etag: etagOf(row), startsAt, title, creator, ...state };
}

function toEntry(row: Row): CalendarEntry {
  const { id, time_zone: timeZone, seq: sequence } = row;
  const startsAt = Temporal.Instant.fromEpochMilliseconds(row.starts_at);
  return { id, sequence, startsAt, timeZone, ...textOf(row) };
}
