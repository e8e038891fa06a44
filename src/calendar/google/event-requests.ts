import { z } from "zod";
import type { EventChange, NewEvent } from "#src/calendar/calendar.ts";
import {
  changedResource,
  type EventResource,
  eventFields,
  eventResource,
  newResource,
} from "./event-resource.ts";
import type { Call } from "./google-client.ts";

const calendarResource = z.object({
  accessRole: z.string(),
  summary: z.string().default(""),
  timeZone: z.string(),
});

/** Some of the events, and either where the others are or where the next time begins. */
const eventPage = calendarResource
  .extend({
    nextPageToken: z.string().optional(),
    nextSyncToken: z.string().optional(),
    items: z.array(eventResource).default([]),
  })
  .refine((page) => (page.nextPageToken ?? page.nextSyncToken) !== undefined);

export type CalendarResource = z.infer<typeof calendarResource>;
export type EventPage = z.infer<typeof eventPage>;

export interface PagePosition {
  /** From Google's last answer to the question for changes. */
  readonly syncToken: string | undefined;
  readonly pageToken: string | undefined;
}

/** The requests that are made of one calendar. */
export interface EventRequests {
  /** The calendar without its events. */
  calendar(): Call<CalendarResource>;
  page(position: PagePosition): Call<EventPage>;
  get(id: string): Call<EventResource>;
  insert(event: NewEvent): Call<EventResource>;
  patch(id: string, etag: string, change: EventChange): Call<EventResource>;
  remove(id: string): Call<unknown>;
}

const calendarFields = "accessRole,summary,timeZone";
const pageFields = `${calendarFields},nextPageToken,nextSyncToken,items(${eventFields})`;
/** The most that Google gives at once. */
const eventsPerPage = 2_500;
/** Nobody is sent a mail about our changes. */
const sendUpdates = "none";

export function eventRequests(calendarId: string): EventRequests {
  const onEvent = (eventId: string) => ({ calendarId, eventId });
  const schema = eventResource;
  return {
    calendar: () => ({
      name: "events.list",
      schema: calendarResource,
      send: (events, signal) =>
        events.list({ calendarId, fields: calendarFields, maxResults: 1 }, { signal }),
    }),
    page: ({ syncToken, pageToken }) => ({
      name: "events.list",
      schema: eventPage,
      send: (events, signal) =>
        events.list(
          {
            calendarId,
            fields: pageFields,
            maxResults: eventsPerPage,
            // Otherwise a series comes as all of its events, and its removal as months of them.
            singleEvents: false,
            ...(syncToken !== undefined && { syncToken }),
            ...(pageToken !== undefined && { pageToken }),
          },
          { signal },
        ),
    }),
    get: (id) => ({
      name: "events.get",
      schema,
      send: (events, signal) => events.get({ ...onEvent(id), fields: eventFields }, { signal }),
    }),
    insert: (event) => ({
      name: "events.insert",
      schema,
      send: (events, signal) => {
        const requestBody = newResource(event);
        return events.insert(
          { calendarId, fields: eventFields, sendUpdates, requestBody },
          { signal },
        );
      },
    }),
    patch: (id, etag, change) => ({
      name: "events.patch",
      schema,
      send: (events, signal) =>
        events.patch(
          {
            ...onEvent(id),
            fields: eventFields,
            sendUpdates,
            requestBody: changedResource(change),
          },
          { signal, headers: { "If-Match": etag } },
        ),
    }),
    remove: (id) => ({
      name: "events.delete",
      schema: z.unknown(),
      send: (events, signal) => events.delete({ ...onEvent(id), sendUpdates }, { signal }),
    }),
  };
}
