import { randomUUID } from "node:crypto";
import type { Temporal } from "temporal-polyfill";
import { createLocalCalendar } from "#src/calendar/local/local-calendar.ts";
import { clockAt } from "#test/support/clock.ts";
import { testDatabase } from "#test/support/database.ts";
import { describeCalendar } from "./calendar-contract.ts";

const timeZone = "UTC";
const { signal } = new AbortController();

describeCalendar("the local calendar", async () => {
  const db = await testDatabase();
  const calendar = createLocalCalendar(db, clockAt("2031-05-01T10:00:00Z"));
  const edit = {
    ...calendar,
    async move(id: string, startsAt: Temporal.Instant) {
      await calendar.move(id, { startsAt, timeZone });
    },
    async rename(id: string, title: string) {
      const { etag = "" } = (await calendar.find(id, signal)) ?? {};
      await calendar.change(id, etag, { title }, signal);
    },
    async restore(id: string) {
      await calendar.restore(id);
    },
    async addForeign(event: { readonly title: string; readonly startsAt: Temporal.Instant }) {
      const foreign = { ...event, timeZone, description: "", marks: {} };
      return (await calendar.insert({ id: randomUUID(), ...foreign }, signal)).id;
    },
  };
  /** As if the database came from a backup that is older than the token. */
  async function expireTokens() {
    await db
      .updateTable("calendar_event")
      .set(({ eb }) => ({ seq: eb("seq", "-", 100) }))
      .execute();
  }
  return { calendar, edit, expireTokens };
});
