import { setTimeout as sleep } from "node:timers/promises";
import { Temporal } from "temporal-polyfill";
import { describe, expect, it, vi } from "vitest";
import { clockAt } from "#test/support/clock.ts";
import { eventually } from "#test/support/eventually.ts";
import type { Fault, Operation } from "#test/support/fake-google/faults.ts";
import { openGoogleCalendar } from "#test/support/fake-google/google-calendar.ts";
import { newEvent } from "./events.ts";
import { isError } from "./expectations.ts";

const { signal } = new AbortController();

// Without it the pauses between the tries of a read would be real ones.
vi.spyOn(Math, "random").mockReturnValue(0);

describe("the access token", () => {
  it("is fetched once, also by requests side by side", async () => {
    const { google, calendar } = await openGoogleCalendar();

    await Promise.all([calendar.access(signal), calendar.access(signal)]);
    await calendar.access(signal);

    expect(google.count("token")).toBe(1);
  });

  it("is fetched anew when it was withdrawn, without losing a change", async () => {
    const { google, calendar } = await openGoogleCalendar();
    const { id, etag } = await calendar.insert(newEvent(), signal);
    google.account.revokeTokens();

    await calendar.change(id, etag, { title: "Being deleted" }, signal);

    expect(google.calendar.get(id)).toMatchObject({ summary: "Being deleted" });
    expect(google.count("token")).toBe(2);
  });

  it("that is refused again and again is the fault of the key", async () => {
    const { google, calendar } = await openGoogleCalendar();
    google.faults.always("list", { kind: "error", status: 401, reason: "authError" });

    await expect(calendar.access(signal)).rejects.toEqual(
      isError("misconfigured", /does not accept the key of bot@.*clock/),
    );
    expect(google.count("list")).toBe(2);
  });

  it("is not given to whose clock is wrong", async () => {
    const { google, calendar } = await openGoogleCalendar();
    google.now = Temporal.Now.instant().add({ hours: 2 });

    await expect(calendar.access(signal)).rejects.toEqual(
      isError("misconfigured", /does not accept the key of bot@.*clock/),
    );
  });

  it.each<Fault>([{ kind: "error", status: 503 }, { kind: "hang" }, { kind: "reset" }])(
    "that cannot be fetched makes Google unreachable: $kind",
    async (fault) => {
      const { google, calendar } = await openGoogleCalendar({ timeoutMs: 50 });
      google.faults.always("token", fault);

      await expect(calendar.insert(newEvent(), signal)).rejects.toEqual(isError("unreachable"));
      expect(google.count("insert")).toBe(0);
    },
  );

  it("that never comes is asked for again by the next request", async () => {
    const { google, calendar } = await openGoogleCalendar({ timeoutMs: 200 });
    google.faults.next("token", { kind: "hang" });
    await expect(calendar.remove(newEvent().id, signal)).rejects.toEqual(isError("unreachable"));

    await calendar.access(signal);

    expect(google.count("token")).toBe(2);
  });

  it("is not asked for again by the library, which would not keep to the timeout", async () => {
    const { google, calendar } = await openGoogleCalendar();
    google.faults.next("token", { kind: "error", status: 503 });

    await expect(calendar.remove(newEvent().id, signal)).rejects.toEqual(isError("unreachable"));
    expect(google.count("token")).toBe(1);
  });

  it("is fetched within the timeout of the request that needs it", async () => {
    const { google, calendar } = await openGoogleCalendar({ timeoutMs: 300 });
    google.faults.next("token", { kind: "delay", ms: 200 });
    google.faults.next("delete", { kind: "delay", ms: 200 });

    await expect(calendar.remove(newEvent().id, signal)).rejects.toEqual(isError("unreachable"));
  });
});

describe("an abort", () => {
  it("before a request means that nothing is asked for", async () => {
    const { google, calendar } = await openGoogleCalendar();

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
    const { google, calendar } = await openGoogleCalendar();
    google.faults.always(operation, fault);
    const controller = new AbortController();
    const reason = new Error("given up");
    const reading = calendar.changes(undefined, controller.signal);
    reading.catch(() => {});
    await eventually(() => google.count(operation)).toBe(1);
    await sleep(20);

    controller.abort(reason);

    await expect(Promise.race([reading, sleep(200)])).rejects.toBe(reason);
  });
});

describe("an abort while the access token is fetched", () => {
  it("leaves the change unsent, and nothing to be caught by nobody", async () => {
    const { google, calendar } = await openGoogleCalendar();
    google.faults.next("token", { kind: "delay", ms: 100 });
    const controller = new AbortController();
    const adding = calendar.insert(newEvent(), controller.signal);
    const failed = expect(adding).rejects.toThrow("given up");
    await eventually(() => google.count("token")).toBe(1);

    controller.abort(new Error("given up"));

    await failed;
    await eventually(() => google.requests[0]?.answered).toBe(200);
    await sleep(50);
    expect(google.count("insert")).toBe(0);
  });
});

describe("Google's clock", () => {
  it("is not known before the first answer", async () => {
    const { calendar } = await openGoogleCalendar();

    expect(calendar.clockOffset()).toBeUndefined();
  });

  it("is read off every answer, a refusal as well", async () => {
    const clock = clockAt("2031-05-04T10:00:00Z");
    const { google, calendar } = await openGoogleCalendar({ clock });
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
