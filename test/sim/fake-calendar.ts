import { Temporal } from "temporal-polyfill";
import type { Calendar, CalendarEvent, EventTime, NewEvent } from "#src/calendar/calendar.ts";
import { CalendarError, type CalendarErrorKind } from "#src/calendar/calendar-error.ts";
import type { Random } from "./random.ts";

/** One change of one event, as the calendar itself would swear to. */
export interface CalendarEdit {
  readonly at: number;
  readonly by: "us" | "person";
  readonly kind: "insert" | "change" | "move" | "remove" | "restore" | "touch";
  readonly id: string;
  readonly before: CalendarEvent | undefined;
  readonly after: CalendarEvent;
}

/** The calendar's own side: what is in it, what was, and what people and fate do to it. */
export interface FakeCalendar {
  /** What our side of the line may ask for; each call is one request. */
  readonly port: Calendar;
  readonly edits: readonly CalendarEdit[];
  /** While it is set, every request fails in this way. */
  outage: CalendarErrorKind | undefined;
  /** Events by their ids, the removed ones too. */
  find(id: string): CalendarEvent | undefined;
  all(): readonly CalendarEvent[];
  /** Grows with each change. */
  readonly sequence: number;
  /** Another start, or another title, by a person. */
  edit(id: string, change: Partial<Pick<CalendarEvent, "startsAt" | "title" | "recurring">>): void;
  remove(id: string): void;
  restore(id: string): void;
  /** A new etag, and nothing else: calendars do that now and then. */
  touch(id: string): void;
  /** A person's own event, or their copy of one, under an id that the calendar makes. */
  addForeign(event: Pick<CalendarEvent, "title" | "startsAt" | "marks">): string;
  expireTokens(): void;
  /** While it is set, readings find nothing, though all is there. */
  isForgetful: boolean;
}

interface Options {
  readonly random: Random;
  now(): number;
}

/**
 * A calendar in memory that keeps its word as Google's does: etags, a log of changes, tokens of one
 * epoch, tombstones whose ids are never free again.
 */
export function createFakeCalendar({ random, now }: Options): FakeCalendar {
  const events = new Map<string, CalendarEvent>();
  const changedAt = new Map<string, number>();
  const edits: CalendarEdit[] = [];
  let sequence = 0;
  let epoch = 1;

  function write(
    by: CalendarEdit["by"],
    kind: CalendarEdit["kind"],
    event: Omit<CalendarEvent, "etag">,
  ): CalendarEvent {
    sequence += 1;
    const { id } = event;
    const after = { ...event, etag: `"${sequence}"` };
    edits.push({ at: now(), by, kind, id, before: events.get(id), after });
    events.set(id, after);
    changedAt.set(id, sequence);
    return after;
  }

  function present(id: string): CalendarEvent {
    const event = events.get(id);
    if (!event || event.cancelled) {
      throw new CalendarError("gone", "The event was removed from the calendar.");
    }
    return event;
  }

  const fake: FakeCalendar = {
    outage: undefined,
    isForgetful: false,
    edits,
    find: (id) => events.get(id),
    all: () => [...events.values()],
    get sequence() {
      return sequence;
    },
    edit(id, change) {
      write("person", change.startsAt ? "move" : "change", { ...present(id), ...change });
    },
    remove: (id) => void write("person", "remove", { ...present(id), cancelled: true }),
    restore(id) {
      const event = events.get(id);
      if (event?.cancelled) write("person", "restore", { ...event, cancelled: false });
    },
    touch: (id) => void write("person", "touch", present(id)),
    addForeign(event) {
      const id = `foreign${sequence + 1}`;
      const own = { id, cancelled: false, recurring: false, creator: "somebody@example.org" };
      return write("person", "insert", { ...own, ...event }).id;
    },
    expireTokens() {
      epoch += 1;
    },
    port: {
      id: "simulated",
      async insert({ id, title, startsAt, marks }: NewEvent, signal) {
        attend(fake, signal);
        const there = events.get(id);
        if (there) return there;
        const own = { cancelled: false, recurring: false, creator: "us@example.org" };
        return write("us", "insert", { id, title, startsAt, marks, ...own });
      },
      async find(id, signal) {
        attend(fake, signal);
        return events.get(id);
      },
      async change(id, etag, { time, title, marks }, signal) {
        attend(fake, signal);
        const event = present(id);
        if (event.etag !== etag) {
          throw new CalendarError("changed", "The event was changed meanwhile.");
        }
        const changed = {
          ...event,
          ...startOf(time),
          title: title ?? event.title,
          marks: { ...event.marks, ...marks },
        };
        return write("us", time ? "move" : "change", changed);
      },
      async remove(id, signal) {
        attend(fake, signal);
        const event = events.get(id);
        if (event && !event.cancelled) write("us", "remove", { ...event, cancelled: true });
      },
      async changes(token, signal) {
        attend(fake, signal);
        const since = token === undefined ? 0 : readToken(token, epoch);
        const showsRemoved = token !== undefined || random.chance(0.3);
        const changed = [...events.values()]
          .filter(({ id }) => (changedAt.get(id) ?? 0) > since)
          .filter(({ cancelled }) => showsRemoved || !cancelled);
        // What it does not know now, it tells later.
        const upTo = fake.isForgetful ? since : sequence;
        return {
          events: fake.isForgetful ? [] : changed,
          token: `${epoch}:${upTo}`,
          complete: token === undefined,
        };
      },
    },
  };
  return fake;
}

function attend({ outage }: FakeCalendar, signal: AbortSignal): void {
  signal.throwIfAborted();
  if (outage) throw new CalendarError(outage, `The calendar fails (${outage}).`);
}

function startOf(time: EventTime | undefined) {
  if (!time) return {};
  const { epochMilliseconds } = time.startsAt;
  return { startsAt: Temporal.Instant.fromEpochMilliseconds(epochMilliseconds) };
}

function readToken(token: string, epoch: number): number {
  const [ofEpoch, sequence] = token.split(":").map(Number);
  if (ofEpoch === epoch && sequence !== undefined) return sequence;
  throw new CalendarError("token-expired", "The calendar has to be read from the beginning.");
}
