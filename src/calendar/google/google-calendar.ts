import type { Calendar, CalendarEvent } from "#src/calendar/calendar.ts";
import { CalendarError } from "#src/calendar/calendar-error.ts";
import { type Clock, systemClock } from "#src/clock.ts";
import type { Logger } from "#src/log.ts";
import { type EventPage, eventRequests, type PagePosition } from "./event-requests.ts";
import { type EventResource, eventOf, isAllDay } from "./event-resource.ts";
import { createGoogleClient } from "./google-client.ts";
import { errorOfKind, isBadRequest, isNotFound, notAWriter } from "./google-errors.ts";
import { GoogleFailure } from "./google-failure.ts";
import { readServiceAccountKey } from "./service-account-key.ts";

/** What the service account may do with the calendar. */
export interface CalendarAccess {
  /** As Google calls it, such as `writer`. */
  readonly role: string;
  readonly mayWrite: boolean;
  /** As people named the calendar. */
  readonly title: string;
  /** The calendar's own. */
  readonly timeZone: string;
}

/** A calendar of Google's, shared with a service account that may make changes to its events. */
export interface GoogleCalendar extends Calendar {
  /**
   * Asks Google whether the calendar is there, and what may be done with it.
   *
   * @throws CalendarError
   */
  access(signal: AbortSignal): Promise<CalendarAccess>;
  /** By how many milliseconds Google's clock was ahead of ours at its last answer, if there was one. */
  clockOffset(): number | undefined;
}

export interface GoogleCalendarOptions {
  /** As the calendar's settings show it. */
  readonly calendarId: string;
  /** The JSON that Google made for the service account's key. */
  readonly credentials: string;
  /** With a slash at its end; Google's own when omitted. */
  readonly apiRootUrl?: string | undefined;
  /** Google's own when omitted. */
  readonly tokenUrl?: string | undefined;
  /** Of one request, in milliseconds; twenty seconds when omitted. */
  readonly timeoutMs?: number | undefined;
  readonly log: Logger;
  readonly clock?: Clock | undefined;
}

const writingRoles = ["writer", "owner"];
/** Of 2,500 events each: what never ends is no calendar of ours. */
const mostPages = 100;

/**
 * Keeps times to the second, and takes a day without a time for nine o'clock in the calendar's zone.
 *
 * @throws PublicError when the credentials are not a service account's key.
 */
export function createGoogleCalendar(options: GoogleCalendarOptions): GoogleCalendar {
  const { calendarId, timeoutMs = 20_000, clock = systemClock } = options;
  const key = readServiceAccountKey(options.credentials);
  const client = createGoogleClient({ ...options, key, timeoutMs, clock });
  const requests = eventRequests(calendarId);
  const names = { calendarId, clientEmail: key.clientEmail };
  /** The calendar's own, as it was last seen. */
  let timeZone: string | undefined;

  async function access(signal: AbortSignal): Promise<CalendarAccess> {
    const found = await client.read(requests.calendar(), signal);
    timeZone = found.timeZone;
    const { accessRole: role, summary: title } = found;
    return { role, mayWrite: writingRoles.includes(role), title, timeZone };
  }

  async function toEvent(resource: EventResource, signal: AbortSignal): Promise<CalendarEvent> {
    if (isAllDay(resource)) timeZone ??= (await access(signal)).timeZone;
    return eventOf(resource, timeZone);
  }

  async function find(id: string, signal: AbortSignal): Promise<CalendarEvent | undefined> {
    try {
      return await toEvent(await client.read(requests.get(id), signal), signal);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      // Of a calendar that is out of reach Google says the same; then this throws.
      await access(signal);
      return undefined;
    }
  }

  /** Google has several answers for the change of an event that was removed; people want to hear one. */
  async function reasonOf(error: unknown, id: string, signal: AbortSignal): Promise<unknown> {
    if (!(error instanceof CalendarError)) return error;
    if (error.kind !== "changed" && error.kind !== "misconfigured") return error;
    const found = await find(id, signal);
    return !found || found.cancelled ? errorOfKind("gone", error.cause) : error;
  }

  async function readPage(position: PagePosition, signal: AbortSignal): Promise<EventPage> {
    try {
      const page = await client.read(requests.page(position), signal);
      if (!writingRoles.includes(page.accessRole)) throw notAWriter(page.accessRole, names);
      timeZone = page.timeZone;
      return page;
    } catch (error) {
      const isTokenBad = position.syncToken !== undefined && isBadRequest(error);
      throw isTokenBad ? errorOfKind("token-expired", error) : error;
    }
  }

  return {
    id: calendarId,
    access,
    find,
    clockOffset: client.clockOffset,

    async insert(event, signal) {
      try {
        return await toEvent(await client.write(requests.insert(event), signal), signal);
      } catch (error) {
        // Also what comes of Google's answer that there is such an event already.
        if (!(error instanceof CalendarError) || error.kind !== "unreachable") throw error;
        const found = await find(event.id, signal);
        if (!found) throw error;
        return found;
      }
    },

    async change(id, etag, change, signal) {
      try {
        const resource = await client.write(requests.patch(id, etag, change), signal);
        const changed = await toEvent(resource, signal);
        if (changed.cancelled) throw errorOfKind("gone");
        return changed;
      } catch (error) {
        throw await reasonOf(error, id, signal);
      }
    },

    async remove(id, signal) {
      try {
        await client.write(requests.remove(id), signal);
      } catch (error) {
        if (error instanceof CalendarError && error.kind === "gone") return;
        if (!isNotFound(error)) throw error;
        await access(signal);
      }
    },

    async changes(token, signal) {
      const events = new Map<string, CalendarEvent>();
      let pageToken: string | undefined;
      for (let read = 0; read < mostPages; read++) {
        const page = await readPage({ syncToken: token, pageToken }, signal);
        for (const item of page.items) events.set(item.id, eventOf(item, page.timeZone));
        const { nextSyncToken: next } = page;
        const complete = token === undefined;
        if (next !== undefined) return { events: [...events.values()], token: next, complete };
        pageToken = page.nextPageToken;
      }
      throw errorOfKind("unreachable", new GoogleFailure("a list of events that does not end"));
    },
  };
}
