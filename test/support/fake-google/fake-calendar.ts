import { randomUUID } from "node:crypto";
import { checkTimes, deepMerge } from "./event-body.ts";
import { GoogleRefusal, invalid, notFound } from "./google-refusal.ts";

/** An event as Google keeps it. */
export type StoredEvent = Readonly<Record<string, unknown>> & {
  readonly id: string;
  readonly etag: string;
  readonly status: "confirmed" | "cancelled";
};

type Fields = Readonly<Record<string, unknown>>;

/** One calendar: its events, the order in which they changed, and the tokens that name a moment of it. */
export interface FakeCalendar {
  readonly id: string;
  title: string;
  timeZone: string;
  /** Of the service account; with `none` it is not shared at all. */
  accessRole: "none" | "freeBusyReader" | "reader" | "writer" | "owner";
  /** The most that one page holds. */
  pageSize: number;
  /** What Google answers to the change of a removed event is not written anywhere; by default 403. */
  changesRemoved: boolean;
  /** Every event that ever was, as it is now. */
  readonly events: ReadonlyMap<string, StoredEvent>;
  list(query: URLSearchParams): Fields;
  get(id: string): StoredEvent;
  insert(fields: Fields, creator: string): StoredEvent;
  patch(id: string, fields: Fields, ifMatch?: string): StoredEvent;
  remove(id: string, ifMatch?: string): void;
  /** Takes an event out of the bin. */
  restore(id: string): void;
  /** Gives an event a new etag, which Google does now and then by itself. */
  touch(id: string): void;
  /** Answers 410 to every sync token of before. */
  expireTokens(): void;
}

/** What may not come with a sync token. */
const forbiddenWithToken = [
  "iCalUID",
  "orderBy",
  "privateExtendedProperty",
  "q",
  "sharedExtendedProperty",
  "timeMin",
  "timeMax",
  "updatedMin",
];

export function createFakeCalendar(id: string): FakeCalendar {
  const events = new Map<string, StoredEvent & { readonly seq: number }>();
  let seq = 0;
  let epoch = 1;

  function keep(eventId: string, fields: Fields): StoredEvent {
    seq += 1;
    const status = fields.status === "cancelled" ? "cancelled" : "confirmed";
    const event = { ...fields, id: eventId, etag: `"${1_000_000 + seq}"`, status, seq } as const;
    events.set(eventId, event);
    return event;
  }

  function known(eventId: string): StoredEvent {
    const event = events.get(eventId);
    if (!event) throw notFound();
    return event;
  }

  function checkMatch(event: StoredEvent, ifMatch: string | undefined): void {
    if (ifMatch === undefined || ifMatch === event.etag) return;
    throw new GoogleRefusal(412, "conditionNotMet", "Precondition Failed");
  }

  /** `epoch.seq`: everything up to there is known. */
  function readSyncToken(token: string | null): number | undefined {
    if (token === null) return undefined;
    const [, itsEpoch, itsSeq] = /^sync\.(\d+)\.(\d+)$/.exec(token) ?? [];
    if (itsSeq === undefined) throw invalid("Invalid sync token value.");
    if (Number(itsEpoch) === epoch) return Number(itsSeq);
    throw new GoogleRefusal(410, "fullSyncRequired", "Sync token is no longer valid.");
  }

  const calendar: FakeCalendar = {
    id,
    title: "Deletions",
    timeZone: "Europe/Berlin",
    accessRole: "writer",
    pageSize: Number.POSITIVE_INFINITY,
    changesRemoved: false,
    events,

    list(query) {
      const since = readSyncToken(query.get("syncToken"));
      checkListing(query);
      // A page goes on behind the last event of the one before, up to where the first began.
      const cursor = query.get("pageToken") ?? `${since ?? 0}.${seq}`;
      const [after = Number.NaN, until = Number.NaN] = cursor.split(".").map(Number);
      if (Number.isNaN(until)) throw invalid("Invalid page token value.");
      const found = [...events.values()]
        .filter((event) => event.seq > after && event.seq <= until)
        .filter(({ status }) => since !== undefined || status === "confirmed")
        .sort((a, b) => a.seq - b.seq);
      const asked = Number(query.get("maxResults") ?? 250);
      const items = found.slice(0, Math.min(asked, calendar.pageSize));
      const last = items.at(-1);
      const token =
        last && items.length < found.length
          ? { nextPageToken: `${last.seq}.${until}` }
          : { nextSyncToken: `sync.${epoch}.${until}` };
      const { title: summary, timeZone, accessRole } = calendar;
      return {
        kind: "calendar#events",
        summary,
        timeZone,
        accessRole,
        ...token,
        items: items.map(asListed),
      };
    },

    get: known,

    insert(fields, creator) {
      const eventId = fields.id ?? randomUUID().replaceAll("-", "");
      if (typeof eventId !== "string" || !/^[a-v0-9]{5,1024}$/.test(eventId)) {
        throw invalid("Invalid resource id value.");
      }
      if (events.has(eventId)) {
        throw new GoogleRefusal(409, "duplicate", "The requested identifier already exists.");
      }
      if (fields.attendees) throw new GoogleRefusal(403, "forbiddenForServiceAccounts");
      const event = checkTimes(deepMerge({}, fields));
      return keep(eventId, { ...event, creator: { email: creator } });
    },

    patch(eventId, fields, ifMatch) {
      const event = known(eventId);
      checkMatch(event, ifMatch);
      if (event.status === "cancelled" && !calendar.changesRemoved)
        throw new GoogleRefusal(403, "forbidden", "Forbidden");
      return keep(eventId, checkTimes(deepMerge(event, fields)));
    },

    remove(eventId, ifMatch) {
      const event = known(eventId);
      if (event.status === "cancelled") {
        throw new GoogleRefusal(410, "deleted", "Resource has been deleted");
      }
      checkMatch(event, ifMatch);
      keep(eventId, { ...event, status: "cancelled" });
    },

    restore(eventId) {
      keep(eventId, { ...known(eventId), status: "confirmed" });
    },
    touch(eventId) {
      keep(eventId, known(eventId));
    },
    expireTokens() {
      epoch += 1;
    },
  };
  return calendar;
}

/** In a listing, only the id of a removed event is certain. */
function asListed(event: StoredEvent): Fields {
  const { id, etag, status } = event;
  return status === "cancelled" ? { id, etag, status } : event;
}

function checkListing(query: URLSearchParams): void {
  const asked = Number(query.get("maxResults") ?? 250);
  if (!(asked >= 1 && asked <= 2_500)) throw invalid("Invalid value for maxResults.");
  if (query.get("singleEvents") === "true") throw invalid("The fake knows no single events.");
  if (!query.has("syncToken")) return;
  const forbidden = forbiddenWithToken.filter((name) => query.has(name));
  if (query.get("showDeleted") === "false") forbidden.push("showDeleted");
  if (forbidden.length > 0) throw invalid(`Sync token cannot be used with ${forbidden.join()}.`);
}
