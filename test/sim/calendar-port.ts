import type { Calendar } from "#src/calendar/calendar.ts";
import { CalendarError } from "#src/calendar/calendar-error.ts";
import type { FakeCalendar } from "./fake-calendar.ts";
import type { Actor, Simulation } from "./simulation.ts";

/** The calendar as one process reaches it: each call is a request that can be lost. */
export function calendarPort(
  simulation: Simulation,
  actor: Actor,
  { port }: FakeCalendar,
): Calendar {
  const failure = () => new CalendarError("unreachable", "The calendar did not answer.");
  const request = <T>(name: string, run: () => Promise<T>) =>
    simulation.io(actor, { name: `calendar.${name}`, run, failure });
  return {
    id: port.id,
    insert: (event, signal) => request(`insert ${event.id}`, () => port.insert(event, signal)),
    find: (id, signal) => request(`find ${id}`, () => port.find(id, signal)),
    change: (id, etag, change, signal) =>
      request(`change ${id} ${etag}`, () => port.change(id, etag, change, signal)),
    remove: (id, signal) => request(`remove ${id}`, () => port.remove(id, signal)),
    changes: (token, signal) => request(`changes ${token}`, () => port.changes(token, signal)),
  };
}
