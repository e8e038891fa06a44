import { onTestFinished } from "vitest";
import {
  createGoogleCalendar,
  type GoogleCalendar,
  type GoogleCalendarOptions,
} from "#src/calendar/google/google-calendar.ts";
import { silentLogger } from "#src/log.ts";
import { type FakeGoogle, startFakeGoogle } from "./fake-google.ts";

/** A Google that ends with the test. */
export async function testGoogle(): Promise<FakeGoogle> {
  const google = await startFakeGoogle();
  onTestFinished(() => google.stop());
  return google;
}

/** Our side of the calendar that a fake Google has. */
export function googleCalendarOf(
  google: FakeGoogle,
  options: Partial<GoogleCalendarOptions> = {},
): GoogleCalendar {
  return createGoogleCalendar({
    calendarId: google.calendar.id,
    credentials: google.account.keyJson,
    apiRootUrl: google.apiRootUrl,
    tokenUrl: google.tokenUrl,
    log: silentLogger,
    ...options,
  });
}

/** Both sides of one calendar. */
export async function openGoogleCalendar(options: Partial<GoogleCalendarOptions> = {}) {
  const google = await testGoogle();
  return { google, calendar: googleCalendarOf(google, options) };
}
