import type { Calendar } from "#src/calendar/calendar.ts";
import { createDiscreetCalendar } from "#src/calendar/discreet-calendar.ts";
import { createIcsFeed } from "#src/calendar/local/ics-feed.ts";
import { type CalendarEditor, createLocalCalendar } from "#src/calendar/local/local-calendar.ts";
import type { Clock } from "#src/clock.ts";
import type { Config } from "#src/config.ts";
import type { Logger } from "#src/log.ts";
import type { Redact } from "#src/redaction.ts";
import type { Database } from "#src/storage/database.ts";

/** The calendar to work with, Google's or our own. */
export interface OpenCalendar {
  readonly calendar: Calendar;
  /** Where a person edits it who has no other way to it: our own. */
  readonly editor?: CalendarEditor | undefined;
  /** How far its server's clock is ahead of ours, in milliseconds, where that is known. */
  clockOffset(): number | undefined;
}

interface Options {
  readonly config: Config["calendar"];
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Logger;
  /** What every text of an event passes. */
  readonly redact: Redact;
}

/**
 * Opens the configured calendar.
 *
 * @throws PublicError when the credentials cannot be used.
 */
export async function openCalendar(options: Options): Promise<OpenCalendar> {
  const opened = await open(options);
  return { ...opened, calendar: createDiscreetCalendar(opened.calendar, options.redact) };
}

async function open(options: Options): Promise<OpenCalendar> {
  const { config, db, clock, log } = options;
  if (config.kind === "google") {
    // Only here: Google's package takes its time to load.
    const { createGoogleCalendar } = await import("#src/calendar/google/google-calendar.ts");
    const calendar = createGoogleCalendar({ ...config, credentials: config.key, clock, log });
    return { calendar, clockOffset: calendar.clockOffset };
  }
  const calendar = createLocalCalendar(db, clock, { onChange: () => feed?.refresh() ?? nothing });
  const path = config.feedPath;
  const feed = path === undefined ? undefined : createIcsFeed({ path, calendar, clock, log });
  // A change before a crash may not have come into the file.
  await feed?.refresh();
  return { calendar, editor: calendar, clockOffset: () => undefined };
}

const nothing = Promise.resolve();
