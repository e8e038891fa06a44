import { type Redact, redactTexts } from "#src/redaction.ts";
import type { Calendar } from "./calendar.ts";

/** The calendar, of which no event that we write tells a secret. */
export function createDiscreetCalendar(calendar: Calendar, redact: Redact): Calendar {
  return {
    ...calendar,
    insert: (event, signal) => calendar.insert(redactTexts(event, redact), signal),
    change: (id, etag, change, signal) =>
      calendar.change(id, etag, redactTexts(change, redact), signal),
  };
}
