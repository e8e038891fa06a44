import { setTimeout as sleep } from "node:timers/promises";
import { Temporal } from "temporal-polyfill";
import { describe, expect, it, vi } from "vitest";
import type { CalendarErrorKind } from "#src/calendar/calendar-error.ts";
import type { GoogleCalendarOptions } from "#src/calendar/google/google-calendar.ts";
import { clockAt } from "#test/support/clock.ts";
import type { FakeGoogle } from "#test/support/fake-google/fake-google.ts";
import type { Fault, Operation } from "#test/support/fake-google/faults.ts";
import { googleCalendarOf, testGoogle } from "#test/support/fake-google/google-calendar.ts";
import { newEvent } from "./events.ts";

const { signal } = new AbortController();

async function open(options: Partial<GoogleCalendarOptions> = {}) {
  // Without it the pauses between the tries of a read would be real ones.
  vi.spyOn(Math, "random").mockReturnValue(0);
  const google = await testGoogle();
  return { google, calendar: googleCalendarOf(google, options) };
}

function isError(kind: CalendarErrorKind, message = /./) {
  return expect.objectContaining({ kind, message: expect.stringMatching(message) });
}

function count(google: FakeGoogle, operation: Operation): number {
  return google.requests.filter((request) => request.operation === operation).length;
}

describe("adding an event to Google", () => {
  it.each<Fault>([
    { kind: "reset", acted: true },
    { kind: "hang", acted: true },
    { kind: "garbage", acted: true },
  ])("is done when only the answer was lost: $kind", async (fault) => {
    const { google, calendar } = await open({ timeoutMs: 400 });
    await calendar.access(signal);
    google.faults.next("insert", fault);
    const event = newEvent();

    expect(await calendar.insert(event, signal)).toMatchObject({ id: event.id });
    expect(count(google, "insert")).toBe(1);
  });

  it.each<Fault>([{ kind: "reset" }, { kind: "error", status: 503 }])(
    "is not repeated when nothing came of it: $kind",
    async (fault) => {
      const { google, calendar } = await open();
      google.faults.next("insert", fault);

      await expect(calendar.insert(newEvent(), signal)).rejects.toEqual(isError("unreachable"));
      expect(count(google, "insert")).toBe(1);
      expect(google.calendar.events.size).toBe(0);
    },
  );
});

describe("a change in Google", () => {
  it("is left open when its answer was lost, and not sent again", async () => {
    const { google, calendar } = await open();
    const { id, etag } = await calendar.insert(newEvent(), signal);
    google.faults.next("patch", { kind: "reset", acted: true });

    const change = calendar.change(id, etag, { title: "Being deleted" }, signal);

    await expect(change).rejects.toEqual(isError("unreachable"));
    expect(count(google, "patch")).toBe(1);
    expect(await calendar.find(id, signal)).toMatchObject({ title: "Being deleted" });
  });

  it("of an event removed by a person is known for one even where Google forbids it", async () => {
    const { google, calendar } = await open();
    const { id, etag } = await calendar.insert(newEvent(), signal);
    await google.people.remove(id);
    google.faults.next("patch", { kind: "error", status: 403, reason: "forbidden" });

    const change = calendar.change(id, etag, { title: "Being deleted" }, signal);

    await expect(change).rejects.toEqual(isError("gone"));
  });
});

describe("the removal of an event from Google", () => {
  it("may be repeated when its answer was lost", async () => {
    const { google, calendar } = await open();
    const { id } = await calendar.insert(newEvent(), signal);
    google.faults.next("delete", { kind: "reset", acted: true });

    await expect(calendar.remove(id, signal)).rejects.toEqual(isError("unreachable"));
    expect(count(google, "delete")).toBe(1);
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
    const { google, calendar } = await open();
    const { id } = await calendar.insert(newEvent(), signal);
    google.faults.next("get", fault, 2);
    expect(await calendar.find(id, signal)).toMatchObject({ id });
    expect(count(google, "get")).toBe(3);

    google.faults.next("list", fault, 3);
    await expect(calendar.changes(undefined, signal)).rejects.toThrow();
    expect(count(google, "list")).toBe(3);
  });

  it.each<Fault>([
    { kind: "error", status: 404, reason: "notFound" },
    { kind: "error", status: 403, reason: "forbidden" },
    { kind: "error", status: 429, retryAfter: 30 },
  ])("is not repeated where that cannot help: %o", async (fault) => {
    const { google, calendar } = await open();
    google.faults.next("list", fault);

    await expect(calendar.changes(undefined, signal)).rejects.toThrow();
    expect(count(google, "list")).toBe(1);
  });

  it("says in the cause what the connection failed of", async () => {
    const { google, calendar } = await open();
    google.faults.always("list", { kind: "reset" });

    await expect(calendar.access(signal)).rejects.toMatchObject({
      cause: { reason: expect.stringMatching(/ECONNRESET|UND_ERR_SOCKET/) },
    });
  });

  it("ends with the timeout where Google never answers", async () => {
    const { google, calendar } = await open({ timeoutMs: 30 });
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
    const { google, calendar } = await open();
    google.faults.next("insert", { kind: "error", status, ...(reason && { reason }) });

    await expect(calendar.insert(newEvent(), signal)).rejects.toEqual(isError(kind));
  });

  it("because the API is not enabled is said in words", async () => {
    const { google, calendar } = await open();
    google.faults.next("list", { kind: "error", status: 403, reason: "accessNotConfigured" });

    await expect(calendar.access(signal)).rejects.toEqual(
      isError("misconfigured", /API is not enabled .*Google Cloud console/),
    );
  });
});

describe("a calendar that was changed too much", () => {
  it("is left alone for an hour, and can be read meanwhile", async () => {
    const clock = clockAt("2031-05-04T10:00:00Z");
    const { google, calendar } = await open({ clock });
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

describe("the access token", () => {
  it("is fetched once, also by requests side by side", async () => {
    const { google, calendar } = await open();

    await Promise.all([calendar.access(signal), calendar.access(signal)]);
    await calendar.access(signal);

    expect(count(google, "token")).toBe(1);
  });

  it("is fetched anew when it was withdrawn, without losing a change", async () => {
    const { google, calendar } = await open();
    const { id, etag } = await calendar.insert(newEvent(), signal);
    google.account.revokeTokens();

    await calendar.change(id, etag, { title: "Being deleted" }, signal);

    expect(google.calendar.get(id)).toMatchObject({ summary: "Being deleted" });
    expect(count(google, "token")).toBe(2);
  });

  it("that is refused again and again is the fault of the key", async () => {
    const { google, calendar } = await open();
    google.faults.always("list", { kind: "error", status: 401, reason: "authError" });

    await expect(calendar.access(signal)).rejects.toEqual(
      isError("misconfigured", /does not accept the key of bot@.*clock/),
    );
    expect(count(google, "list")).toBe(2);
  });

  it("is not given to whose clock is wrong", async () => {
    const { google, calendar } = await open();
    google.now = Temporal.Now.instant().add({ hours: 2 });

    await expect(calendar.access(signal)).rejects.toEqual(
      isError("misconfigured", /does not accept the key of bot@.*clock/),
    );
  });

  it.each<Fault>([{ kind: "error", status: 503 }, { kind: "hang" }, { kind: "reset" }])(
    "that cannot be fetched makes Google unreachable: $kind",
    async (fault) => {
      const { google, calendar } = await open({ timeoutMs: 50 });
      google.faults.always("token", fault);

      await expect(calendar.insert(newEvent(), signal)).rejects.toEqual(isError("unreachable"));
      expect(count(google, "insert")).toBe(0);
    },
  );

  it("that never comes is asked for again by the next request", async () => {
    const { google, calendar } = await open({ timeoutMs: 200 });
    google.faults.next("token", { kind: "hang" });
    await expect(calendar.remove(newEvent().id, signal)).rejects.toEqual(isError("unreachable"));

    await calendar.access(signal);

    expect(count(google, "token")).toBe(2);
  });

  it("is not asked for again by the library, which would not keep to the timeout", async () => {
    const { google, calendar } = await open();
    google.faults.next("token", { kind: "error", status: 503 });

    await expect(calendar.remove(newEvent().id, signal)).rejects.toEqual(isError("unreachable"));
    expect(count(google, "token")).toBe(1);
  });

  it("is fetched within the timeout of the request that needs it", async () => {
    const { google, calendar } = await open({ timeoutMs: 300 });
    google.faults.next("token", { kind: "delay", ms: 200 });
    google.faults.next("delete", { kind: "delay", ms: 200 });

    await expect(calendar.remove(newEvent().id, signal)).rejects.toEqual(isError("unreachable"));
  });
});

describe("an abort", () => {
  it("before a request means that nothing is asked for", async () => {
    const { google, calendar } = await open();

    await calendar.changes(undefined, AbortSignal.abort()).catch(() => {});
    await calendar.insert(newEvent(), AbortSignal.abort()).catch(() => {});

    await sleep(20);
    expect(google.requests).toEqual([]);
  });

  it.each<[Operation, Fault]>([
    ["token", { kind: "hang" }],
    ["list", { kind: "hang" }],
    ["list", { kind: "error", status: 503, retryAfter: 8 }],
  ])("ends the waiting for %s at once: %o", async (operation, fault) => {
    const { google, calendar } = await open();
    google.faults.always(operation, fault);
    const controller = new AbortController();
    const reason = new Error("given up");
    const reading = calendar.changes(undefined, controller.signal);
    reading.catch(() => {});
    await vi.waitFor(() => expect(count(google, operation)).toBe(1));
    await sleep(20);

    controller.abort(reason);

    await expect(Promise.race([reading, sleep(200)])).rejects.toBe(reason);
  });
});

describe("an abort while the access token is fetched", () => {
  it("leaves the change unsent, and nothing to be caught by nobody", async () => {
    const { google, calendar } = await open();
    google.faults.next("token", { kind: "delay", ms: 100 });
    const controller = new AbortController();
    const adding = calendar.insert(newEvent(), controller.signal);
    const failed = expect(adding).rejects.toThrow("given up");
    await vi.waitFor(() => expect(count(google, "token")).toBe(1));

    controller.abort(new Error("given up"));

    await failed;
    await vi.waitFor(() => expect(google.requests[0]?.answered).toBe(200));
    await sleep(50);
    expect(count(google, "insert")).toBe(0);
  });
});

describe("Google's clock", () => {
  it("is not known before the first answer", async () => {
    const { calendar } = await open();

    expect(calendar.clockOffset()).toBeUndefined();
  });

  it("is read off every answer, a refusal as well", async () => {
    const clock = clockAt("2031-05-04T10:00:00Z");
    const { google, calendar } = await open({ clock });
    await calendar.access(signal);

    google.now = clock.now().add({ seconds: 90 });
    await calendar.access(signal);
    expect(calendar.clockOffset()).toBe(90_000);

    google.now = clock.now().subtract({ seconds: 5 });
    google.faults.next("list", { kind: "error", status: 403, reason: "forbidden" });
    await calendar.access(signal).catch(() => {});
    expect(calendar.clockOffset()).toBe(-5_000);
  });
});
