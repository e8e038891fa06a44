import { readFileSync } from "node:fs";
import { env } from "node:process";
import type { Temporal } from "temporal-polyfill";
import { describe, onTestFinished, vi } from "vitest";
import { createGoogleCalendar } from "#src/calendar/google/google-calendar.ts";
import { connectToGoogle } from "#src/calendar/google/google-connection.ts";
import { readServiceAccountKey } from "#src/calendar/google/service-account-key.ts";
import { silentLogger } from "#src/log.ts";
import { type CalendarEdits, describeCalendar } from "./calendar-contract.ts";

const { GOOGLE_TEST_CALENDAR_ID: calendarId = "" } = env;
const { GOOGLE_APPLICATION_CREDENTIALS: file, GOOGLE_SERVICE_ACCOUNT_JSON: json } = env;
const { GOOGLE_API_ROOT_URL: apiRootUrl, GOOGLE_TOKEN_URL: tokenUrl } = env;

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** What a person would do, done by the service account; it leaves nothing of a test behind. */
function openLive() {
  const credentials = json ?? readFileSync(file ?? "", "utf8");
  const calendar = createGoogleCalendar({
    calendarId,
    credentials,
    apiRootUrl,
    tokenUrl,
    log: silentLogger,
  });
  const key = readServiceAccountKey(credentials);
  const timeoutMs = 20_000;
  const events = connectToGoogle({ key, apiRootUrl, tokenUrl, timeoutMs, onDate: () => {} });
  const added = new Set<string>();
  onTestFinished(async () => {
    for (const id of added) await calendar.remove(id, AbortSignal.timeout(20_000));
  });

  const edit: CalendarEdits = {
    async move(eventId, to) {
      await events.patch({ calendarId, eventId, requestBody: timed(to) });
    },
    async rename(eventId, summary) {
      await events.patch({ calendarId, eventId, requestBody: { summary } });
    },
    async remove(eventId) {
      await events.delete({ calendarId, eventId });
    },
    async addForeign({ title: summary, startsAt }) {
      const requestBody = { summary, ...timed(startsAt) };
      const { id } = (await events.insert({ calendarId, requestBody })).data;
      if (!id) throw new Error("Google gave the event no id.");
      added.add(id);
      return id;
    },
  };
  const recording: typeof calendar = {
    ...calendar,
    insert(event, signal) {
      added.add(event.id);
      return calendar.insert(event, signal);
    },
  };
  return { calendar: recording, edit };
}

function timed(at: Temporal.Instant) {
  const time = (instant: Temporal.Instant) => ({ dateTime: instant.toString() });
  return { start: time(at), end: time(at.add({ hours: 1 })) };
}

// With GOOGLE_TEST_CALENDAR_ID and the key of a service account that may write to that calendar.
describe.skipIf(calendarId === "")("live", () => {
  describeCalendar("a calendar at Google's", async () => openLive());
});
