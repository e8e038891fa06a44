import { Temporal } from "temporal-polyfill";
import { describe, expect, it } from "vitest";
import type { NewEvent } from "#src/calendar/calendar.ts";
import { createLocalCalendar } from "#src/calendar/local/local-calendar.ts";
import { clockAt } from "#test/support/clock.ts";
import { testDatabase } from "#test/support/database.ts";

const { signal } = new AbortController();
const clock = clockAt("2026-11-24T11:00:00Z");
const friday = Temporal.Instant.from("2026-11-27T17:00:00Z");
const saturday = Temporal.Instant.from("2026-11-28T17:00:00Z");
const timeZone = "Europe/Berlin";

function event(id: string, startsAt = friday): NewEvent {
  const text = { title: `Delete ${id}`, description: "Asked for by Alice" };
  return { id, ...text, startsAt, timeZone, marks: { v: "1" } };
}

describe("the local calendar, edited by a person", () => {
  it("lists what is in it by time, in the zone of who asked", async () => {
    const calendar = createLocalCalendar(await testDatabase(), clock);
    await calendar.insert(event("a-later", saturday), signal);
    await calendar.insert(event("early"), signal);
    await calendar.insert(event("gone"), signal);
    await calendar.remove("gone");

    const { marks, ...early } = event("early");
    expect(await calendar.list()).toMatchObject([early, { id: "a-later", startsAt: saturday }]);
  });

  it("tells whoever asks for the changes of each move, removal and restoration", async () => {
    const calendar = createLocalCalendar(await testDatabase(), clock);
    const inserted = await calendar.insert(event("a"), signal);
    let { token } = await calendar.changes(undefined, signal);
    async function latest() {
      const changes = await calendar.changes(token, signal);
      token = changes.token;
      return changes.events;
    }

    expect(await calendar.move("a", { startsAt: saturday, timeZone: "UTC" })).toBe(true);
    const moved = await latest();
    expect(moved).toMatchObject([{ id: "a", startsAt: saturday, cancelled: false }]);
    expect(moved[0]?.etag).not.toBe(inserted.etag);

    await calendar.remove("a");
    expect(await latest()).toMatchObject([{ id: "a", cancelled: true }]);

    expect(await calendar.restore("a")).toBe(true);
    expect(await latest()).toMatchObject([{ id: "a", startsAt: saturday, cancelled: false }]);
    expect(await latest()).toEqual([]);
  });

  it("lets nobody move what was removed, nor restore what was not", async () => {
    const calendar = createLocalCalendar(await testDatabase(), clock);
    await calendar.insert(event("a"), signal);

    expect(await calendar.restore("a")).toBe(false);
    await calendar.remove("a");
    expect(await calendar.move("a", { startsAt: saturday, timeZone })).toBe(false);
    expect(await calendar.move("never", { startsAt: saturday, timeZone })).toBe(false);
    expect(await calendar.list()).toEqual([]);
  });
});

describe("the local calendar", () => {
  it.each(["2", "-1", "1.5", "CPDAlvWDx70CEPDAlvWDx70CGAU=", "", "9".repeat(30)])(
    "wants everything read again for the token %j",
    async (token) => {
      const calendar = createLocalCalendar(await testDatabase(), clock);
      await calendar.insert(event("a"), signal);

      await expect(calendar.changes(token, signal)).rejects.toMatchObject({
        kind: "token-expired",
      });
    },
  );

  it("goes on counting in another process", async () => {
    const db = await testDatabase();
    await createLocalCalendar(db, clock).insert(event("a"), signal);
    const { token } = await createLocalCalendar(db, clock).changes(undefined, signal);
    await createLocalCalendar(db, clock).insert(event("b"), signal);

    const { events } = await createLocalCalendar(db, clock).changes(token, signal);

    expect(events.map(({ id }) => id)).toEqual(["b"]);
  });

  it("keeps times to the second", async () => {
    const calendar = createLocalCalendar(await testDatabase(), clock);

    const { startsAt } = await calendar.insert(
      event("a", friday.add({ milliseconds: 999 })),
      signal,
    );

    expect(startsAt).toEqual(friday);
  });

  it("waits after each change for whoever is told of it", async () => {
    let told = 0;
    const onChange = async () => {
      await new Promise(setImmediate);
      told += 1;
    };
    const calendar = createLocalCalendar(await testDatabase(), clock, { onChange });

    const { etag } = await calendar.insert(event("a"), signal);
    expect(told).toBe(1);
    await expect(calendar.change("a", '"0"', { title: "x" }, signal)).rejects.toThrow("changed");
    expect(told).toBe(1);
    await calendar.change("a", etag, { title: "x" }, signal);
    await calendar.move("a", { startsAt: saturday, timeZone });
    await calendar.remove("a");
    expect(told).toBe(4);
  });
});
