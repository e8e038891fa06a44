import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import type { CalendarEvent, EventChange, NewEvent } from "#src/calendar/calendar.ts";

/** An event as Google answers it. Of one that was removed only the id is certain. */
export const eventResource = z.object({
  id: z.string(),
  etag: z.string().default(""),
  status: z.string().optional(),
  summary: z.string().default(""),
  start: z.object({ dateTime: z.string().optional(), date: z.string().optional() }).optional(),
  recurrence: z.array(z.string()).optional(),
  recurringEventId: z.string().optional(),
  creator: z.object({ email: z.string().optional() }).optional(),
  extendedProperties: z.object({ private: z.record(z.string(), z.string()).optional() }).optional(),
});

export type EventResource = z.infer<typeof eventResource>;

/** The parts of an event that Google is asked for. */
export const eventFields =
  "id,etag,status,summary,start,recurrence,recurringEventId,creator/email,extendedProperties/private";

/** When an event without a time of day starts, in the calendar's zone. */
const startOfWork = "09:00";
/** How long an event looks in the calendar; only its start means something. */
const length = { minutes: 30 };

/** Whether its start is a day, and so depends on the calendar's zone. */
export function isAllDay({ start }: EventResource): boolean {
  return start?.date !== undefined;
}

/** @param timeZone the calendar's own, of which all-day events depend. */
export function eventOf(resource: EventResource, timeZone: string | undefined): CalendarEvent {
  const { id, etag, status, summary, recurrence, recurringEventId, creator } = resource;
  return {
    id,
    etag,
    cancelled: status === "cancelled",
    startsAt: startOf(resource, timeZone),
    recurring: recurringEventId !== undefined || (recurrence ?? []).length > 0,
    title: summary,
    creator: creator?.email,
    marks: resource.extendedProperties?.private ?? {},
  };
}

/** A zone, day or time that means nothing here is no start, rather than a wrong one. */
function startOf(
  { start }: EventResource,
  timeZone: string | undefined,
): Temporal.Instant | undefined {
  try {
    if (start?.dateTime !== undefined) return Temporal.Instant.from(start.dateTime);
    if (start?.date === undefined || timeZone === undefined) return undefined;
    const day = Temporal.PlainDate.from(start.date);
    return day.toZonedDateTime({ timeZone, plainTime: startOfWork }).toInstant();
  } catch {
    return undefined;
  }
}

/** What is sent to add an event. It reminds nobody, invites nobody and blocks nobody's time. */
export function newResource({ id, title, description, marks, ...time }: NewEvent) {
  return {
    id,
    summary: title,
    description,
    start: timeResource(time.startsAt, time.timeZone),
    end: timeResource(time.startsAt.add(length), time.timeZone),
    reminders: { useDefault: false, overrides: [] },
    transparency: "transparent",
    extendedProperties: { private: marks },
  };
}

/** What is sent to change an event; it is merged into what is there. */
export function changedResource({ title, description, time, marks }: EventChange) {
  // A person may have given the event a day in place of a time.
  const at = (startsAt: Temporal.Instant, timeZone: string) => ({
    ...timeResource(startsAt, timeZone),
    date: null,
  });
  return {
    ...(title !== undefined && { summary: title }),
    ...(description !== undefined && { description }),
    ...(time && {
      start: at(time.startsAt, time.timeZone),
      end: at(time.startsAt.add(length), time.timeZone),
    }),
    ...(marks && { extendedProperties: { private: marks } }),
  };
}

function timeResource(at: Temporal.Instant, timeZone: string) {
  return { dateTime: at.toString({ smallestUnit: "second" }), timeZone };
}
