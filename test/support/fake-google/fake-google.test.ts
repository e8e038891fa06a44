import { describe, expect, it } from "vitest";
import { googleCalendarOf, testGoogle } from "./google-calendar.ts";

const { signal } = new AbortController();
const start = { dateTime: "2031-05-04T10:00:00Z" };
const end = { dateTime: "2031-05-04T10:30:00Z" };

/** A Google, and a way to ask it what our own client never would. */
async function open() {
  const google = await testGoogle();
  await googleCalendarOf(google).access(signal);
  const { authorization = "" } = google.requests.at(-1)?.headers ?? {};

  async function ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = { authorization },
  ) {
    const root = `${google.apiRootUrl}calendar/v3/calendars/`;
    const { id } = google.calendar;
    const response = await fetch(`${root}${path.replace("CALENDAR", id)}`, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
  }
  return { google, ask };
}

function refusal(status: number, reason: string) {
  return {
    status,
    body: { error: expect.objectContaining({ errors: [expect.objectContaining({ reason })] }) },
  };
}

describe("the fake Google", () => {
  it.each([
    ["GET", "CALENDAR/events?syncToken=nonsense"],
    ["GET", "CALENDAR/events?syncToken=sync.1.0&timeMin=2031-05-04T10:00:00Z"],
    ["GET", "CALENDAR/events?syncToken=sync.1.0&privateExtendedProperty=a%3Db"],
    ["GET", "CALENDAR/events?syncToken=sync.1.0&showDeleted=false"],
    ["GET", "CALENDAR/events?maxResults=2501"],
    ["GET", "CALENDAR/events?pageToken=nonsense"],
    ["GET", "CALENDAR/events?fields=items(id"],
  ])("refuses %s %s", async (method, path) => {
    const { ask } = await open();

    expect(await ask(method, path)).toMatchObject(refusal(400, "invalid"));
  });

  it.each([
    ["an id with other letters", { id: "wxyz1", start, end }],
    ["an id that is too short", { id: "abc", start, end }],
    ["a time without an offset", { start: { dateTime: "2031-05-04T10:00:00" }, end }],
    ["a zone that does not exist", { start: { ...start, timeZone: "Mars/Olympus" }, end }],
    ["a day together with a time", { start: { ...start, date: "2031-05-04" }, end }],
    ["a day that ends at a time", { start: { date: "2031-05-04" }, end }],
  ])("refuses an event with %s", async (_, event) => {
    const { ask } = await open();

    expect(await ask("POST", "CALENDAR/events", event)).toMatchObject(refusal(400, "invalid"));
  });

  it("refuses an event that ends before it starts, and guests", async () => {
    const { ask } = await open();

    expect(await ask("POST", "CALENDAR/events", { start: end, end: start })).toMatchObject(
      refusal(400, "timeRangeEmpty"),
    );
    const attendees = [{ email: "ann@example.com" }];
    expect(await ask("POST", "CALENDAR/events", { start, end, attendees })).toMatchObject(
      refusal(403, "forbiddenForServiceAccounts"),
    );
  });

  it("knows no other calendar, and nobody without a token", async () => {
    const { ask } = await open();

    expect(await ask("GET", "other@group.calendar.google.com/events")).toMatchObject(
      refusal(404, "notFound"),
    );
    expect(await ask("GET", "CALENDAR/events", undefined, {})).toMatchObject(
      refusal(401, "authError"),
    );
  });

  it("keeps the id of a removed event, and lets nobody change it", async () => {
    const { google, ask } = await open();
    const id = "abcde1";
    await ask("POST", "CALENDAR/events", { id, start, end });
    expect(await ask("DELETE", `CALENDAR/events/${id}`)).toEqual({ status: 204, body: undefined });

    expect(await ask("POST", "CALENDAR/events", { id, start, end })).toMatchObject(
      refusal(409, "duplicate"),
    );
    expect(await ask("DELETE", `CALENDAR/events/${id}`)).toMatchObject(refusal(410, "deleted"));
    expect(await ask("PATCH", `CALENDAR/events/${id}`, { summary: "x" })).toMatchObject(
      refusal(403, "forbidden"),
    );
    expect(await ask("GET", `CALENDAR/events/${id}`)).toMatchObject({
      status: 200,
      body: { status: "cancelled" },
    });
    await google.people.restore(id);
    expect(await ask("GET", `CALENDAR/events/${id}`)).toMatchObject({
      body: { status: "confirmed", start },
    });
  });

  it("gives an event that changes between two pages to who comes the next time", async () => {
    const { google, ask } = await open();
    google.calendar.pageSize = 1;
    const first = await google.people.add({ start, end });
    const second = await google.people.add({ start, end });
    const page = await ask("GET", "CALENDAR/events");
    await google.people.rename(first, "Other");
    await google.people.rename(second, "Other");

    const { nextPageToken } = page.body;
    const last = await ask("GET", `CALENDAR/events?pageToken=${nextPageToken}`);
    google.calendar.pageSize = 10;
    const next = await ask("GET", `CALENDAR/events?syncToken=${last.body.nextSyncToken}`);

    expect(page.body.items).toMatchObject([{ id: first }]);
    expect(last.body.items).toEqual([]);
    expect(next.body.items).toMatchObject([{ id: first }, { id: second }]);
  });

  it("answers only with the fields that were asked for", async () => {
    const { google, ask } = await open();
    await google.people.add({ summary: "Delete web-01", start, end });

    const { body } = await ask(
      "GET",
      "CALENDAR/events?fields=timeZone,items(summary,creator/email)",
    );

    expect(body).toEqual({
      timeZone: "Europe/Berlin",
      items: [{ summary: "Delete web-01", creator: { email: "ann@example.com" } }],
    });
  });
});
