import { Temporal } from "temporal-polyfill";
import { describe, expect, it } from "vitest";
import { openGoogleCalendar } from "#test/support/fake-google/google-calendar.ts";
import { describeCalendar } from "./calendar-contract.ts";
import { newEvent } from "./events.ts";
import { isError, looking } from "./expectations.ts";

const { signal } = new AbortController();
const later = Temporal.Instant.from("2031-05-06T10:00:00Z");

describeCalendar("a Google calendar", async () => {
  const { calendar, google } = await openGoogleCalendar();
  return {
    calendar,
    edit: google.people,
    expireTokens: async () => google.calendar.expireTokens(),
  };
});

describe("an event in Google", () => {
  it("is half an hour long, reminds nobody and blocks nobody's time", async () => {
    const { google, calendar } = await openGoogleCalendar();

    const { id } = await calendar.insert(newEvent(), signal);

    expect(google.calendar.get(id)).toMatchObject({
      summary: "Delete VM 101 (web-01)",
      description: "To cancel: delete this event.",
      start: { dateTime: "2031-05-04T10:00:00Z", timeZone: "Europe/Berlin" },
      end: { dateTime: "2031-05-04T10:30:00Z", timeZone: "Europe/Berlin" },
      reminders: { useDefault: false, overrides: [] },
      transparency: "transparent",
    });
    expect(google.calendar.get(id)).not.toHaveProperty("attendees");
  });

  it("says who made it", async () => {
    const { google, calendar } = await openGoogleCalendar();
    const { id } = await calendar.insert(newEvent(), signal);
    const theirs = await google.people.addForeign({ title: "Delete web-01", startsAt: later });

    expect(await calendar.find(id, signal)).toMatchObject({ creator: google.account.email });
    expect(await calendar.find(theirs, signal)).toMatchObject({ creator: "ann@example.com" });
  });

  it("is written without a mail to anybody", async () => {
    const { google, calendar } = await openGoogleCalendar();
    const { id, etag } = await calendar.insert(newEvent(), signal);
    await calendar.change(id, etag, { title: "Being deleted" }, signal);
    await calendar.remove(id, signal);

    const writes = google.requests.filter(({ operation }) =>
      ["insert", "patch", "delete"].includes(operation),
    );
    expect(writes.map(({ query }) => query.get("sendUpdates"))).toEqual(["none", "none", "none"]);
  });

  it("takes its end along when it is moved", async () => {
    const { google, calendar } = await openGoogleCalendar();
    const { id, etag } = await calendar.insert(newEvent(), signal);

    await calendar.change(id, etag, { time: { startsAt: later, timeZone: "UTC" } }, signal);

    expect(google.calendar.get(id)).toMatchObject({
      start: { dateTime: "2031-05-06T10:00:00Z" },
      end: { dateTime: "2031-05-06T10:30:00Z" },
    });
  });

  it("keeps what is not changed, to the letter", async () => {
    const { google, calendar } = await openGoogleCalendar();
    const { id, etag } = await calendar.insert(newEvent(), signal);
    const { etag: _, seq: __, ...before } = google.calendar.get(id);

    await calendar.change(id, etag, { marks: { revision: "2" } }, signal);

    const marks = { private: { revision: "2", vmid: "101" } };
    expect(google.calendar.get(id)).toMatchObject({ ...before, extendedProperties: marks });
  });

  it("starts at nine in the calendar's zone where a person gave it a day", async () => {
    const { google, calendar } = await openGoogleCalendar();
    google.calendar.timeZone = "America/New_York";
    const { id } = await calendar.insert(newEvent(), signal);
    await google.people.makeAllDay(id, "2031-05-06");

    const startsAt = Temporal.Instant.from("2031-05-06T13:00:00Z");
    expect(await calendar.find(id, signal)).toEqual(looking({ startsAt }));
    expect((await calendar.changes(undefined, signal)).events).toEqual([looking({ startsAt })]);
  });

  it("gets its time back after a person gave it a day", async () => {
    const { google, calendar } = await openGoogleCalendar();
    const { id } = await calendar.insert(newEvent(), signal);
    await google.people.makeAllDay(id, "2031-05-06");
    const { etag = "" } = (await calendar.find(id, signal)) ?? {};

    const time = { startsAt: later, timeZone: "Europe/Berlin" };

    expect(await calendar.change(id, etag, { time }, signal)).toEqual(looking({ startsAt: later }));
  });

  it("follows the calendar into another zone", async () => {
    const { google, calendar } = await openGoogleCalendar();
    const { id } = await calendar.insert(newEvent(), signal);
    await google.people.makeAllDay(id, "2031-05-06");
    const { token } = await calendar.changes(undefined, signal);
    await calendar.find(id, signal);
    google.calendar.timeZone = "Asia/Tokyo";

    await calendar.changes(token, signal);

    const startsAt = Temporal.Instant.from("2031-05-06T00:00:00Z");
    expect(await calendar.find(id, signal)).toEqual(looking({ startsAt }));
  });

  it("is one of a series once a person repeats it", async () => {
    const { google, calendar } = await openGoogleCalendar();
    const { id } = await calendar.insert(newEvent(), signal);
    await google.people.change(id, { recurrence: ["RRULE:FREQ=WEEKLY"] });

    expect(await calendar.find(id, signal)).toMatchObject({ recurring: true });
    expect((await calendar.changes(undefined, signal)).events).toMatchObject([{ recurring: true }]);
  });

  it("is one of a series when it is an exception of it", async () => {
    const { google, calendar } = await openGoogleCalendar();
    const { start, end } = google.calendar.get((await calendar.insert(newEvent(), signal)).id);
    const id = await google.people.add({ start, end, recurringEventId: "series" });

    expect(await calendar.find(id, signal)).toMatchObject({ recurring: true });
  });

  it("is gone once it was removed, should Google take changes to it all the same", async () => {
    const { google, calendar } = await openGoogleCalendar();
    google.calendar.changesRemoved = true;
    const { id } = await calendar.insert(newEvent(), signal);
    await google.people.remove(id);
    const { etag = "" } = (await calendar.find(id, signal)) ?? {};

    const change = calendar.change(id, etag, { title: "Being deleted" }, signal);

    await expect(change).rejects.toEqual(isError("gone"));
  });

  it("has a new version when Google touches it, which is no change to it", async () => {
    const { google, calendar } = await openGoogleCalendar();
    const added = await calendar.insert(newEvent(), signal);
    google.calendar.touch(added.id);

    const change = calendar.change(added.id, added.etag, { title: "Being deleted" }, signal);

    await expect(change).rejects.toEqual(isError("changed"));
    const { etag: _, ...same } = added;
    expect(await calendar.find(added.id, signal)).toEqual(looking(same));
  });

  it("is refused when its id is none for Google", async () => {
    const { calendar } = await openGoogleCalendar();

    const insert = calendar.insert(newEvent({ id: "wxyz-1" }), signal);

    await expect(insert).rejects.toEqual(isError("misconfigured", /Invalid resource id/));
  });
});

describe("the changes in Google", () => {
  it("are read to the last page", async () => {
    const { google, calendar } = await openGoogleCalendar();
    google.calendar.pageSize = 2;
    const ids = await addEvents(google.people.addForeign, 5);

    const { events, token } = await calendar.changes(undefined, signal);
    expect(events.map(({ id }) => id)).toEqual(ids);

    for (const id of ids) await google.people.move(id, later);
    const moved = await calendar.changes(token, signal);
    expect(moved.events.map(({ startsAt }) => startsAt)).toEqual(ids.map(() => later));
    expect(google.count("list")).toBe(6);
  });

  it("are asked for by the token alone, and as many at once as Google gives", async () => {
    const { google, calendar } = await openGoogleCalendar();
    const { token } = await calendar.changes(undefined, signal);
    await calendar.changes(token, signal);

    const [first, second] = google.requests
      .filter(({ operation }) => operation === "list")
      .map(({ query }) => [...query.keys()].sort());
    expect(first).toEqual(["fields", "maxResults", "singleEvents"]);
    expect(second).toEqual(["fields", "maxResults", "singleEvents", "syncToken"]);
    expect(google.requests.at(-1)?.query.get("maxResults")).toBe("2500");
  });

  it("ask for a full reading when the token expires between two pages", async () => {
    const { google, calendar } = await openGoogleCalendar();
    const ids = await addEvents(google.people.addForeign, 3);
    const { token } = await calendar.changes(undefined, signal);
    for (const id of ids) await google.people.move(id, later);
    google.calendar.pageSize = 2;
    google.faults.next("list", { kind: "delay", ms: 0 });
    google.faults.next("list", { kind: "error", status: 410, reason: "fullSyncRequired" });

    await expect(calendar.changes(token, signal)).rejects.toEqual(isError("token-expired"));
  });

  it.each(["reader", "freeBusyReader"] as const)(
    "are not read with the eyes of a %s, who sees too little to act on",
    async (role) => {
      const { google, calendar } = await openGoogleCalendar();
      google.calendar.accessRole = role;

      await expect(calendar.changes(undefined, signal)).rejects.toEqual(
        isError("misconfigured", new RegExp(`"${role}".*Make changes to events`)),
      );
    },
  );
});

describe("a Google calendar that is not shared any more", () => {
  async function openUnshared() {
    const { google, calendar } = await openGoogleCalendar();
    const event = await calendar.insert(newEvent(), signal);
    google.calendar.accessRole = "none";
    return { google, calendar, event };
  }
  const unknown = isError("misconfigured", /knows no calendar .*bot@.*Make changes to events/);

  it("is not taken for one without the event", async () => {
    const { calendar, event } = await openUnshared();

    await expect(calendar.find(event.id, signal)).rejects.toEqual(unknown);
    await expect(calendar.remove(event.id, signal)).rejects.toEqual(unknown);
    const change = calendar.change(event.id, event.etag, { title: "Being deleted" }, signal);
    await expect(change).rejects.toEqual(unknown);
  });

  it("is said so to who reads it or adds to it", async () => {
    const { calendar } = await openUnshared();

    await expect(calendar.insert(newEvent(), signal)).rejects.toEqual(unknown);
    await expect(calendar.changes(undefined, signal)).rejects.toEqual(unknown);
    await expect(calendar.access(signal)).rejects.toEqual(unknown);
  });
});

describe("the access to a Google calendar", () => {
  it.each([
    ["reader", false],
    ["writer", true],
    ["owner", true],
  ] as const)("of a %s includes writing: %s", async (role, mayWrite) => {
    const { google, calendar } = await openGoogleCalendar();
    google.calendar.accessRole = role;

    expect(await calendar.access(signal)).toEqual({
      role,
      mayWrite,
      title: "Deletions",
      timeZone: "Europe/Berlin",
    });
  });

  it("of a reader ends where an event is written", async () => {
    const { google, calendar } = await openGoogleCalendar();
    const { id, etag } = await calendar.insert(newEvent(), signal);
    google.calendar.accessRole = "reader";

    const refused = isError("misconfigured", /bot@.*may not.*Make changes to events/);
    await expect(calendar.insert(newEvent(), signal)).rejects.toEqual(refused);
    await expect(calendar.remove(id, signal)).rejects.toEqual(refused);
    await expect(calendar.change(id, etag, { title: "x" }, signal)).rejects.toEqual(refused);
  });
});

async function addEvents(
  add: (event: { title: string; startsAt: Temporal.Instant }) => Promise<string>,
  count: number,
): Promise<string[]> {
  const ids: string[] = [];
  const { title, startsAt } = newEvent();
  while (ids.length < count) ids.push(await add({ title, startsAt }));
  return ids;
}
