import { Temporal } from "temporal-polyfill";
import type { CalendarEdits } from "#test/calendar/calendar-contract.ts";
import type { FakeCalendar } from "./fake-calendar.ts";

/** What people do to a calendar in their browser. */
export interface CalendarPeople extends Required<CalendarEdits> {
  /** Makes an event last a day, such as `2031-05-04`, in place of having a time. */
  makeAllDay(id: string, day: string): Promise<void>;
  /** Sets fields as the API names them; null takes them away. */
  change(id: string, fields: Readonly<Record<string, unknown>>): Promise<void>;
  /** Adds an event of these fields; resolves to its id. */
  add(fields: Readonly<Record<string, unknown>>): Promise<string>;
  /** Copies an event with all that belongs to it, as some clients do; resolves to the copy's id. */
  duplicate(id: string): Promise<string>;
}

const person = "ann@example.com";

export function createPeople(calendar: FakeCalendar): CalendarPeople {
  async function change(id: string, fields: Readonly<Record<string, unknown>>): Promise<void> {
    calendar.patch(id, fields);
  }
  async function add(fields: Readonly<Record<string, unknown>>): Promise<string> {
    return calendar.insert(fields, person).id;
  }
  return {
    change,
    add,
    move: (id, to) => change(id, timed(to)),
    rename: (id, summary) => change(id, { summary }),
    addForeign: ({ title, startsAt }) => add({ summary: title, ...timed(startsAt) }),
    async remove(id) {
      calendar.remove(id);
    },
    async restore(id) {
      calendar.restore(id);
    },
    makeAllDay(id, day) {
      const end = Temporal.PlainDate.from(day).add({ days: 1 }).toString();
      return change(id, { start: allDay(day), end: allDay(end) });
    },
    async duplicate(id) {
      const { id: _, ...fields } = calendar.get(id);
      return add(fields);
    },
  };
}

function timed(at: Temporal.Instant) {
  const time = (instant: Temporal.Instant) => ({ dateTime: instant.toString(), date: null });
  return { start: time(at), end: time(at.add({ hours: 1 })) };
}

function allDay(date: string) {
  return { date, dateTime: null, timeZone: null };
}
