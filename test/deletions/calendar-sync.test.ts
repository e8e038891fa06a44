import { describe, expect, it } from "vitest";
import type { Calendar, CalendarChanges, CalendarEvent } from "#src/calendar/calendar.ts";
import { CalendarError } from "#src/calendar/calendar-error.ts";
import { createLocalCalendar } from "#src/calendar/local/local-calendar.ts";
import { createCalendarSync } from "#src/deletions/calendar-sync.ts";
import { createCalendarSyncStore } from "#src/deletions/calendar-sync-store.ts";
import type { Deletion } from "#src/deletions/deletion.ts";
import { writeEvent } from "#src/deletions/event-writer.ts";
import { installationOf } from "#src/deletions/installation.ts";
import { silentLogger } from "#src/log.ts";
import { newEvent } from "#test/calendar/events.ts";
import { clockAt } from "#test/support/clock.ts";
import { testDatabase } from "#test/support/database.ts";
import { aNewDeletion, anEmptySchedule, friday } from "#test/support/deletions.ts";
import { signal } from "#test/support/proxmox.ts";
import { given } from "./steps.ts";

const saturday = friday.add({ hours: 24 });
const bob = { id: "bob", name: "Bob" };

/** A schedule that follows a calendar, and whatever happens while an answer of it is on its way. */
async function aFollowedCalendar() {
  const clock = clockAt("2026-11-24T12:00:00Z");
  const db = await testDatabase();
  const deletions = await anEmptySchedule(clock, db);
  const local = createLocalCalendar(db, clock);
  const front = {
    isTokenExpired: false,
    isEmpty: false,
    /** Events of others, which any reading finds. */
    others: [] as CalendarEvent[],
    onTheWay: undefined as (() => Promise<unknown>) | undefined,
  };

  async function changes(...[token, abort]: Parameters<Calendar["changes"]>) {
    if (token !== undefined && front.isTokenExpired) {
      front.isTokenExpired = false;
      throw new CalendarError("token-expired", "The calendar has to be read from the beginning.");
    }
    const answer: CalendarChanges = await local.changes(token, abort);
    if (front.isEmpty) return { ...answer, events: [] };
    const { onTheWay } = front;
    front.onTheWay = undefined;
    await onTheWay?.();
    return { ...answer, events: [...answer.events, ...front.others] };
  }

  const following = (id: string) =>
    createCalendarSync({
      calendar: { id, changes },
      deletions,
      sync: createCalendarSyncStore(db, clock, id),
      installation: installationOf("0badcafe"),
      clock,
      log: silentLogger,
      owner: "a",
      timeZone: "Europe/Berlin",
    });
  const sync = following(local.id);
  await sync.poll({ seconds: 0 }, signal);

  return {
    front,
    deletions,
    local,
    /** The same schedule, when another calendar is configured. */
    replaced: following,
    async read() {
      expect(await sync.poll({ seconds: 0 }, signal)).toBe(true);
    },
    find: async ({ id }: Pick<Deletion, "id">) => given(await deletions.find(id)),
    /** What the scheduler does first with what is new or was moved. */
    async write() {
      for (const claim of await deletions.claimDue("b", 10)) {
        const written = await writeEvent(claim, local, signal);
        if (written.kind !== "written") throw new Error(written.kind);
        await deletions.release(claim, { state: "planned", event: written.event, nextAt: null });
      }
    },
    schedule: async () => given(await deletions.schedule(aNewDeletion())),
    messages: async () =>
      (await db.selectFrom("outbox").select("message").execute()).map(({ message }) => message),
  };
}

describe("an answer of the calendar that is older than the schedule", () => {
  it("does not cancel what has come into the calendar since", async () => {
    const { front, find, read, write, schedule, messages } = await aFollowedCalendar();
    front.isTokenExpired = true;
    let deletion: Deletion | undefined;
    front.onTheWay = async () => {
      deletion = await schedule();
      await write();
    };

    await read();

    expect((await find(given(deletion))).state).toBe("planned");
    expect(await messages()).toEqual([]);
  });

  it("does not move back what was moved by a word since", async () => {
    const { front, deletions, find, read, write, schedule, messages } = await aFollowedCalendar();
    const deletion = await schedule();
    await write();
    front.onTheWay = async () => {
      const time = { dueAt: saturday, timeZone: "Europe/Berlin", confirmedBy: bob };
      await deletions.reschedule(deletion, time);
      await write();
    };

    await read();
    await read();

    const row = await find(deletion);
    expect(row.dueAt.equals(saturday)).toBe(true);
    expect(row).toMatchObject({ revision: 2, confirmedBy: bob });
    expect(await messages()).toEqual([]);
  });

  it("does not bring back what was cancelled by a word since", async () => {
    const { front, deletions, local, find, read, write, schedule, messages } =
      await aFollowedCalendar();
    const deletion = await schedule();
    await write();
    front.onTheWay = async () => {
      await deletions.cancel(deletion.id, bob);
      const [claim] = await deletions.claimDue("b", 1);
      await local.remove(deletion.id);
      await deletions.release(given(claim), { eventGone: true, nextAt: null });
    };

    await read();
    await read();

    expect((await find(deletion)).state).toBe("cancelled");
    expect(await messages()).toEqual([]);
  });

  it("still tells of what a person did meanwhile", async () => {
    const { front, local, find, read, write, schedule } = await aFollowedCalendar();
    const deletion = await schedule();
    await write();
    await read();
    const sunday = { startsAt: saturday.add({ hours: 24 }), timeZone: "UTC" };
    await local.move(deletion.id, { startsAt: saturday, timeZone: "UTC" });
    front.onTheWay = () => local.move(deletion.id, sunday);

    await read();

    const row = await find(deletion);
    expect(row.dueAt.equals(sunday.startsAt)).toBe(true);
    expect(row).toMatchObject({ revision: 2, confirmedBy: undefined });
  });
});

describe("a calendar that does not know the schedule", () => {
  it("cancels nothing, and is told of once, when it is another one than before", async () => {
    const { front, local, find, read, write, schedule, replaced, messages } =
      await aFollowedCalendar();
    const deletion = await schedule();
    await write();
    await read();

    const other = replaced("another");
    front.isEmpty = true;
    expect(await other.poll({ seconds: 0 }, signal)).toBe(false);
    expect(await other.poll({ seconds: 0 }, signal)).toBe(false);

    expect(await find(deletion)).toMatchObject({ state: "planned", revision: 1 });
    expect(await local.list()).toHaveLength(1);
    expect(await messages()).toEqual([
      expect.stringContaining(
        "1 event of a scheduled deletion is not in the calendar that I read now",
      ),
    ]);
  });

  it("is believed over a database that was restored from a backup: nobody confirmed that time", async () => {
    const { local, deletions, find, read, write, schedule, messages } = await aFollowedCalendar();
    const deletion = await schedule();
    await write();
    await read();
    // Moved by a word of which the restored database knows nothing; its event was written then.
    const marks = { at: String(saturday.epochMilliseconds), revision: "2" };
    const { etag } = given(await local.find(deletion.id, signal));
    const time = { startsAt: saturday, timeZone: "UTC" };
    await local.change(deletion.id, etag, { time, marks }, signal);

    await read();

    const row = await find(deletion);
    expect(row.dueAt.equals(saturday)).toBe(true);
    expect(row).toMatchObject({ revision: 2, confirmedBy: undefined });
    expect(await deletions.listOpen()).toHaveLength(1);
    expect((await messages())[0]).toMatch(/unless somebody confirms the new time/);
  });
});

describe("events that are not ours", () => {
  const foreign = (id: string, facts: Partial<CalendarEvent> = {}): CalendarEvent => {
    const { title, startsAt, marks } = newEvent({ title: `party ${id}` });
    return { id, etag: "1", title, startsAt, marks, cancelled: false, recurring: false, ...facts };
  };

  it("are asked about one by one while they are few, and once each", async () => {
    const { front, read, messages } = await aFollowedCalendar();
    front.others = [foreign("_a1"), foreign("_a2"), foreign("b3")];

    await read();
    await read();

    expect(await messages()).toEqual([
      expect.stringContaining("party _a1"),
      expect.stringContaining("party _a2"),
      expect.stringContaining("party b3"),
    ]);
  });

  it("are asked about once for a series, whatever was done to its instances", async () => {
    const { front, read, messages } = await aFollowedCalendar();
    const days = [1, 2, 3, 4, 5, 6, 7];
    front.others = [
      foreign("weekly", { recurring: true }),
      ...days.map((day) => foreign(`weekly_2026120${day}T100000Z`, { recurring: true })),
    ];

    await read();

    expect(await messages()).toHaveLength(1);
  });

  it("are told of in one sentence when they are many, so that reminders are not kept waiting", async () => {
    const { front, read, messages } = await aFollowedCalendar();
    front.others = Array.from({ length: 10_000 }, (_, index) => foreign(`party${index}`));

    await read();
    await read();

    expect(await messages()).toEqual([expect.stringContaining("are 10000 events that I did not")]);
  });
});
