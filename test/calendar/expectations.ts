import { expect } from "vitest";
import type { CalendarEvent } from "#src/calendar/calendar.ts";
import { CalendarError, type CalendarErrorKind } from "#src/calendar/calendar-error.ts";

/** A CalendarError of a kind, whose message matches. */
export function isError(kind: CalendarErrorKind, message = /./) {
  return expect.objectContaining({
    constructor: CalendarError,
    kind,
    message: expect.stringMatching(message),
  });
}

/** An event that has these properties. Unlike toMatchObject, it tells two instants apart. */
export function looking(event: Partial<CalendarEvent>) {
  return expect.objectContaining(event);
}
