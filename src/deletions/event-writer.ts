import type { Calendar, CalendarEvent } from "#src/calendar/calendar.ts";
import { CalendarError } from "#src/calendar/calendar-error.ts";
import type { Claim, Deletion } from "./deletion.ts";
import { eventOf, startsWhenWritten } from "./event-text.ts";
import { startsWhenSeen } from "./judge.ts";

/** What came of writing an event. */
export type Written =
  /** It is there, and this is how it was seen last. */
  | { readonly kind: "written"; readonly event: NonNullable<Deletion["event"]> }
  /** Somebody has removed it. */
  | { readonly kind: "removed" }
  /** Somebody has moved it: the calendar has to be read first. */
  | { readonly kind: "moved" };

/**
 * Writes a deletion's event as the deletion is by now, and never over what a person has done to it
 * meanwhile.
 *
 * @throws CalendarError when the calendar cannot be written.
 */
export async function writeEvent(
  claim: Claim,
  calendar: Pick<Calendar, "insert" | "find" | "change">,
  signal: AbortSignal,
): Promise<Written> {
  if (!claim.event) return insertEvent(claim, calendar, signal);
  const { title, description, startsAt, timeZone, marks } = eventOf(claim);
  const change = { title, description, marks, time: { startsAt, timeZone } };
  try {
    return written(await calendar.change(claim.id, claim.event.etag, change, signal));
  } catch (error) {
    if (!(error instanceof CalendarError)) throw error;
    if (error.kind === "gone") return { kind: "removed" };
    if (error.kind !== "changed") throw error;
    const event = await calendar.find(claim.id, signal);
    if (!event || event.cancelled) return { kind: "removed" };
    // Our own writing of which the answer was lost, or a change that leaves the time alone.
    const isUnmoved = startsWhenWritten(event) || startsWhenSeen(claim, event);
    return isUnmoved ? written(event) : { kind: "moved" };
  }
}

/** It may be there already, from a process that ended before it could say so. */
async function insertEvent(
  claim: Claim,
  calendar: Pick<Calendar, "insert">,
  signal: AbortSignal,
): Promise<Written> {
  const event = await calendar.insert(eventOf(claim), signal);
  if (event.cancelled) return { kind: "removed" };
  if (startsWhenWritten(event)) return written(event);
  // Somebody was faster than we: what we wrote is what was seen last, so the move will show.
  return { kind: "written", event: { etag: event.etag, startsAt: claim.dueAt } };
}

function written({ etag, startsAt }: CalendarEvent): Written {
  return startsAt ? { kind: "written", event: { etag, startsAt } } : { kind: "moved" };
}
