import { randomUUID } from "node:crypto";
import { Temporal } from "temporal-polyfill";
import type { NewEvent } from "#src/calendar/calendar.ts";

/** An event that is not in any calendar yet. Its id is one that every calendar takes: 0-9 and a-v. */
export function newEvent(change: Partial<NewEvent> = {}): NewEvent {
  return {
    id: `test${randomUUID().replaceAll("-", "")}`,
    title: "Delete VM 101 (web-01)",
    description: "To cancel: delete this event.",
    startsAt: Temporal.Instant.from("2031-05-04T10:00:00Z"),
    timeZone: "Europe/Berlin",
    marks: { revision: "1", vmid: "101" },
    ...change,
  };
}
