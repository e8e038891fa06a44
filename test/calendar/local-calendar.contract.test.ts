import { randomUUID } from "node:crypto";
import { Temporal } from "temporal-polyfill";
import { expect, it } from "vitest";
import type { NewEvent } from "#src/calendar/calendar.ts";
import { createLocalCalendar } from "#src/calendar/local/local-calendar.ts";
import type { Database } from "#src/storage/database.ts";
import { clockAt } from "#test/support/clock.ts";
import { describeOnEveryDatabase, describeOnPostgres } from "#test/support/every-database.ts";
import { postgresDatabases } from "#test/support/postgres.ts";
import { describeCalendar, type OpenCalendar } from "./calendar-contract.ts";

const timeZone = "UTC";
const startsAt = Temporal.Instant.from("2031-05-04T10:00:00Z");
const { signal } = new AbortController();

const calendarOf = (db: Database) => createLocalCalendar(db, clockAt("2031-05-01T10:00:00Z"));

function event(id: string): NewEvent {
  return { id, title: `Delete ${id}`, description: "", startsAt, timeZone, marks: {} };
}

function openCalendar(db: Database): OpenCalendar {
  const calendar = calendarOf(db);
  const edit: OpenCalendar["edit"] = {
    async move(id, to) {
      await calendar.move(id, { startsAt: to, timeZone });
    },
    async rename(id, title) {
      const { etag = "" } = (await calendar.find(id, signal)) ?? {};
      await calendar.change(id, etag, { title }, signal);
    },
    remove: (id) => calendar.remove(id),
    async restore(id) {
      await calendar.restore(id);
    },
    async addForeign(foreign) {
      const { id } = await calendar.insert({ ...event(randomUUID()), ...foreign }, signal);
      return id;
    },
  };
  /** As if the database came from a backup that is older than the tokens. */
  async function expireTokens() {
    await db
      .updateTable("calendar_event")
      .set(({ eb }) => ({ seq: eb("seq", "-", 100) }))
      .execute();
  }
  return { calendar, edit, expireTokens };
}

describeOnEveryDatabase("the local calendar", ({ open }) => {
  describeCalendar("as any calendar", async () => openCalendar(await open()));
});

// Two connections to SQLite in one process would wait for each other for ever.
describeOnPostgres("the local calendar of two processes", () => {
  it("tells each process what the other has done, however they come together", async () => {
    const [one, other] = await postgresDatabases();
    const calendars = [calendarOf(one), calendarOf(other)];
    const ids = Array.from({ length: 10 }, (_, index) => `event${index}`);
    const seen = new Set<string>();
    let token = (await calendarOf(one).changes(undefined, signal)).token;
    async function read() {
      const changes = await calendarOf(other).changes(token, signal);
      for (const { id } of changes.events) seen.add(id);
      token = changes.token;
    }

    const writing = calendars.map(async (calendar, writer) => {
      for (const id of ids) await calendar.insert(event(`${writer}${id}`), signal);
    });
    for (let round = 0; round < 10; round += 1) await read();
    await Promise.all(writing);
    await read();

    expect(seen.size).toBe(20);
  });

  it("takes one insert of an event, of whichever process", async () => {
    const [one, other] = await postgresDatabases();

    const added = await Promise.all(
      [one, other].map((db) => calendarOf(db).insert(event("a"), signal)),
    );

    expect(added[0]).toEqual(added[1]);
  });

  it("lets one of two processes change the same version", async () => {
    const [one, other] = await postgresDatabases();
    const { etag } = await calendarOf(one).insert(event("a"), signal);

    const results = await Promise.allSettled(
      [one, other].map((db) => calendarOf(db).change("a", etag, { title: "x" }, signal)),
    );

    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });
});
