import { Temporal } from "temporal-polyfill";
import { describe, expect, it } from "vitest";
import { createLocalCalendar } from "#src/calendar/local/local-calendar.ts";
import { createCalendarCommands } from "#src/chat/calendar-commands.ts";
import { clockAt } from "#test/support/clock.ts";
import { testDatabase } from "#test/support/database.ts";
import { alice, bob } from "#test/support/people.ts";

const { signal } = new AbortController();
/** A Tuesday, at noon in Berlin. */
const clock = clockAt("2026-11-24T11:00:00Z");

/** A calendar with a deletion on each of two evenings, and what `/calendar` says of it. */
async function setUp() {
  const calendar = createLocalCalendar(await testDatabase(), clock);
  async function add(id: string, startsAt: string, title = `Delete ${id}`) {
    const time = { startsAt: Temporal.Instant.from(startsAt), timeZone: "Europe/Berlin" };
    await calendar.insert({ id, title, description: "", ...time, marks: {} }, signal);
  }
  await add("second", "2026-11-28T17:00:00Z");
  await add("first", "2026-11-27T17:00:00Z");
  const commands = createCalendarCommands({ calendar, clock });
  const startOf = async (id: string) => (await calendar.find(id, signal))?.startsAt?.toString();
  return { calendar, add, startOf, says: (line: string) => commands.run(line, alice) };
}

describe("/calendar", () => {
  it("lists the events by time, in the zone of who asks", async () => {
    const { calendar, says } = await setUp();

    expect(await says("/calendar")).toContain(
      "1. Fri 27 Nov 2026, 18:00 CET (Europe/Berlin), in 3 days: Delete first\n" +
        "2. Sat 28 Nov 2026, 18:00 CET (Europe/Berlin), in 4 days: Delete second\n",
    );
    const commands = createCalendarCommands({ calendar, clock });
    expect(await commands.run("/calendar", bob)).toContain("1. Fri 27 Nov 2026, 12:00 EST");
  });

  it("says that the calendar is empty", async () => {
    const { says } = await setUp();
    await says("/calendar remove 1");
    await says("/calendar remove 2");

    expect(await says("/calendar")).toBe("The calendar is empty.");
  });

  it.each(["what is in the /calendar?", "/calendars", "/pending"])(
    "leaves %j alone",
    async (line) => {
      expect(await (await setUp()).says(line)).toBeUndefined();
    },
  );

  it("moves an event to where a person's words say", async () => {
    const { startOf, says } = await setUp();

    expect(await says("/calendar move 1 monday 9:30")).toBe(
      "Moved in the calendar to Mon 30 Nov 2026, 09:30 CET (Europe/Berlin), in 6 days: Delete first",
    );
    expect(await startOf("first")).toBe("2026-11-30T08:30:00Z");
  });

  it("counts from the time that an event has by now", async () => {
    const { startOf, says } = await setUp();

    await says("/calendar");
    await says("/calendar move 1 by a day");
    await says("/calendar move 1 by a day");

    expect(await startOf("first")).toBe("2026-11-29T17:00:00Z");
  });

  it("moves an event to this moment", async () => {
    const { startOf, says } = await setUp();

    await says("/calendar move 1 now");

    expect(await startOf("first")).toBe("2026-11-24T11:00:00Z");
  });

  it.each(["soon", "yesterday", "every friday"])("asks back when it is to be %s", async (words) => {
    const { startOf, says } = await setUp();

    expect(await says(`/calendar move 1 to ${words}`)).toMatch(/\?$/);
    expect(await startOf("first")).toBe("2026-11-27T17:00:00Z");
  });

  it("removes an event, and brings it back", async () => {
    const { calendar, says } = await setUp();

    expect(await says("/calendar remove 2")).toBe("Removed from the calendar: Delete second");
    expect(await calendar.list()).toHaveLength(1);
    expect(await says("/calendar move 2 friday")).toBe("It is not there any more: Delete second.");
    expect(await says("/calendar restore 2")).toBe("Back in the calendar: Delete second");
    expect(await calendar.list()).toHaveLength(2);
    expect(await says("/calendar restore 2")).toBe("It is in the calendar: Delete second");
  });

  it("takes a number for the event that it showed under it, whatever came in between", async () => {
    const { add, calendar, says } = await setUp();
    await says("/calendar");
    await add("zeroth", "2026-11-25T17:00:00Z");

    await says("/calendar remove 1");

    const left = await calendar.list();
    expect(left.map(({ id }) => id)).toEqual(["zeroth", "second"]);
  });

  it.each(["0", "3", "99999999999999999999"])("knows no number %s", async (number) => {
    const { calendar, says } = await setUp();

    expect(await says(`/calendar remove ${number}`)).toContain(`There is no number ${number}`);
    expect(await calendar.list()).toHaveLength(2);
  });

  it.each(["move", "move 1", "move first friday", "remove", "remove 1 2", "delete 1", "remove -1"])(
    "says how it is used after %j",
    async (words) => {
      const { calendar, says } = await setUp();

      expect(await says(`/calendar ${words}`)).toMatch(/^To change it: /);
      expect(await calendar.list()).toHaveLength(2);
    },
  );

  it("shows a title on one line, whoever wrote it", async () => {
    const { add, says } = await setUp();
    await add("x", "2026-11-25T17:00:00Z", "Party\n2. Tue 1 Jan: Delete all");
    await add("y", "2026-11-25T18:00:00Z", " ");

    const lines = (await says("/calendar"))?.split("\n");

    expect(lines?.slice(0, 2)).toEqual([
      expect.stringMatching(/^1\. .*: Party 2\. Tue 1 Jan: Delete all$/),
      expect.stringMatching(/^2\. .*: \(no title\)$/),
    ]);
  });
});
