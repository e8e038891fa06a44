import { describe, expect, it, vi } from "vitest";
import type { CalendarErrorKind } from "#src/calendar/calendar-error.ts";
import { clockAt } from "#test/support/clock.ts";
import type { Fault } from "#test/support/fake-google/faults.ts";
import { openGoogleCalendar } from "#test/support/fake-google/google-calendar.ts";
import { newEvent } from "./events.ts";
import { isError } from "./expectations.ts";

const { signal } = new AbortController();

// Without it the pauses between the tries of a read would be real ones.
vi.spyOn(Math, "random").mockReturnValue(0);

describe("adding an event to Google", () => {
  it.each<Fault>([
    { kind: "reset", acted: true },
    { kind: "hang", acted: true },
    { kind: "garbage", acted: true },
  ])("is done when only the answer was lost: $kind", async (fault) => {
    const { google, calendar } = await openGoogleCalendar({ timeoutMs: 400 });
    await calendar.access(signal);
    google.faults.next("insert", fault);
    const event = newEvent();

    expect(await calendar.insert(event, signal)).toMatchObject({ id: event.id });
    expect(google.count("insert")).toBe(1);
  });

  it.each<Fault>([{ kind: "reset" }, { kind: "error", status: 503 }])(
    "is not repeated when nothing came of it: $kind",
    async (fault) => {
      const { google, calendar } = await openGoogleCalendar();
      google.faults.next("insert", fault);

      await expect(calendar.insert(newEvent(), signal)).rejects.toEqual(isError("unreachable"));
      expect(google.count("insert")).toBe(1);
      expect(google.calendar.events.size).toBe(0);
    },
  );
});

describe("a change in Google", () => {
  it("is left open when its answer was lost, and not sent again", async () => {
    const { google, calendar } = await openGoogleCalendar();
    const { id, etag } = await calendar.insert(newEvent(), signal);
    google.faults.next("patch", { kind: "reset", acted: true });

    const change = calendar.change(id, etag, { title: "Being deleted" }, signal);

    await expect(change).rejects.toEqual(isError("unreachable"));
    expect(google.count("patch")).toBe(1);
    expect(await calendar.find(id, signal)).toMatchObject({ title: "Being deleted" });
  });

  it("of an event removed by a person is known for one even where Google forbids it", async () => {
    const { google, calendar } = await openGoogleCalendar();
    const { id, etag } = await calendar.insert(newEvent(), signal);
    await google.people.remove(id);
    google.faults.next("patch", { kind: "error", status: 403, reason: "forbidden" });

    const change = calendar.change(id, etag, { title: "Being deleted" }, signal);

    await expect(change).rejects.toEqual(isError("gone"));
  });
});

describe("the removal of an event from Google", () => {
  it("may be repeated when its answer was lost", async () => {
    const { google, calendar } = await openGoogleCalendar();
    const { id } = await calendar.insert(newEvent(), signal);
    google.faults.next("delete", { kind: "reset", acted: true });

    await expect(calendar.remove(id, signal)).rejects.toEqual(isError("unreachable"));
    expect(google.count("delete")).toBe(1);
    await calendar.remove(id, signal);
  });
});

describe("reading from Google", () => {
  it.each<Fault>([
    { kind: "error", status: 503 },
    { kind: "error", status: 429 },
    { kind: "error", status: 403, reason: "userRateLimitExceeded" },
    { kind: "reset" },
    { kind: "garbage" },
  ])("is tried three times: %o", async (fault) => {
    const { google, calendar } = await openGoogleCalendar();
    const { id } = await calendar.insert(newEvent(), signal);
    google.faults.next("get", fault, 2);
    expect(await calendar.find(id, signal)).toMatchObject({ id });
    expect(google.count("get")).toBe(3);

    google.faults.next("list", fault, 3);
    await expect(calendar.changes(undefined, signal)).rejects.toThrow();
    expect(google.count("list")).toBe(3);
  });

  it.each<Fault>([
    { kind: "error", status: 404, reason: "notFound" },
    { kind: "error", status: 403, reason: "forbidden" },
    { kind: "error", status: 429, retryAfter: 30 },
  ])("is not repeated where that cannot help: %o", async (fault) => {
    const { google, calendar } = await openGoogleCalendar();
    google.faults.next("list", fault);

    await expect(calendar.changes(undefined, signal)).rejects.toThrow();
    expect(google.count("list")).toBe(1);
  });

  it("says in the cause what the connection failed of", async () => {
    const { google, calendar } = await openGoogleCalendar();
    google.faults.always("list", { kind: "reset" });

    await expect(calendar.access(signal)).rejects.toMatchObject({
      cause: { reason: expect.stringMatching(/ECONNRESET|UND_ERR_SOCKET/) },
    });
  });

  it("ends with the timeout where Google never answers", async () => {
    const { google, calendar } = await openGoogleCalendar({ timeoutMs: 30 });
    google.faults.always("list", { kind: "hang" });

    await expect(calendar.changes(undefined, signal)).rejects.toEqual(isError("unreachable"));
  });
});

describe("what Google refuses", () => {
  it.each<[number, string | undefined, CalendarErrorKind]>([
    [403, "rateLimitExceeded", "busy"],
    [403, "userRateLimitExceeded", "busy"],
    [403, "dailyLimitExceeded", "busy"],
    [429, undefined, "busy"],
    [403, "quotaExceeded", "read-only"],
    [403, "forbidden", "misconfigured"],
    [403, "requiredAccessLevel", "misconfigured"],
    [403, "insufficientPermissions", "misconfigured"],
    [403, "accessNotConfigured", "misconfigured"],
    [400, "invalid", "misconfigured"],
    [500, "backendError", "unreachable"],
  ])("with %s %s is %s", async (status, reason, kind) => {
    const { google, calendar } = await openGoogleCalendar();
    google.faults.next("insert", { kind: "error", status, ...(reason && { reason }) });

    await expect(calendar.insert(newEvent(), signal)).rejects.toEqual(isError(kind));
  });

  it("because the API is not enabled is said in words", async () => {
    const { google, calendar } = await openGoogleCalendar();
    google.faults.next("list", { kind: "error", status: 403, reason: "accessNotConfigured" });

    await expect(calendar.access(signal)).rejects.toEqual(
      isError("misconfigured", /API is not enabled .*Google Cloud console/),
    );
  });
});

describe("a calendar that was changed too much", () => {
  it("is left alone for an hour, and can be read meanwhile", async () => {
    const clock = clockAt("2031-05-04T10:00:00Z");
    const { google, calendar } = await openGoogleCalendar({ clock });
    const { id } = await calendar.insert(newEvent(), signal);
    google.faults.next("insert", { kind: "error", status: 403, reason: "quotaExceeded" });
    await expect(calendar.insert(newEvent(), signal)).rejects.toEqual(isError("read-only"));
    google.requests.length = 0;

    clock.advance({ minutes: 59 });
    await expect(calendar.insert(newEvent(), signal)).rejects.toEqual(isError("read-only"));
    await expect(calendar.remove(id, signal)).rejects.toEqual(isError("read-only"));
    expect(google.requests).toEqual([]);
    expect(await calendar.find(id, signal)).toMatchObject({ id });

    clock.advance({ minutes: 1 });
    await calendar.remove(id, signal);
  });
});
