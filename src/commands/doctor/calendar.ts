import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { dirname } from "node:path";
import type { GoogleCalendarConfig } from "#src/config.ts";
import { PublicError } from "#src/errors.ts";
import { silentLogger } from "#src/log.ts";
import type { Check, Finding } from "./finding.ts";
import { judgeSkew } from "./skew.ts";

const about = "calendar";

const seeSetup = "# SETUP.md, Google Calendar, says it step by step";

/** The calendar: it can be read from its beginning, and the program may change events in it. */
export const checkCalendar: Check = async ({ calendar }, signal) => {
  if (calendar.kind === "local") return [await checkFeed(calendar.feedPath)];
  try {
    return await checkGoogle(calendar, signal);
  } catch (error) {
    if (!(error instanceof PublicError)) throw error;
    return [{ about, level: "failure", message: error.message, fix: [seeSetup] }];
  }
};

async function checkFeed(path: string | undefined): Promise<Finding> {
  const here = "Scheduled deletions are in a calendar in the database";
  if (path === undefined) return { about, level: "ok", message: `${here}.` };
  const folder = dirname(path);
  try {
    await access(folder, constants.W_OK);
    return { about, level: "ok", message: `${here}, and in ${path} for calendar programs.` };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return {
      about,
      level: "warning",
      message: `${here}, but calendar programs cannot see it: ${path} cannot be written (${code}).`,
      fix: [`# make the folder ${folder} this user's, or in .env CALENDAR_FEED another file`],
    };
  }
}

async function checkGoogle(
  settings: GoogleCalendarConfig,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  // Only here: Google's package takes its time to load.
  const { createGoogleCalendar } = await import("#src/calendar/google/google-calendar.ts");
  const credentials = settings.key;
  const calendar = createGoogleCalendar({ ...settings, credentials, log: silentLogger });
  const { role, mayWrite, title, timeZone } = await calendar.access(signal);
  const seconds = Math.round((calendar.clockOffset() ?? 0) / 1000);
  const effect = "deletions would begin too early or too late by that much";
  const skew = judgeSkew({ about, whose: "Google's", seconds, effect });
  if (!mayWrite) return [readOnly(title, role), ...(skew ? [skew] : [])];

  const { events } = await calendar.changes(undefined, signal);
  const count = events.filter(({ cancelled }) => !cancelled).length;
  const message = `The Google calendar "${title}" (${timeZone}) can be read and changed; it has ${count} event${count === 1 ? "" : "s"}.`;
  return [{ about, level: "ok", message }, ...(skew ? [skew] : [])];
}

function readOnly(title: string, role: string): Finding {
  return {
    about,
    level: "failure",
    message: `The Google calendar "${title}" may be read only (${role}): no deletion can be written into it, and so none is carried out.`,
    fix: [
      '# in the calendar\'s settings, under "Shared with", at the address of the service account: "Make changes to events"',
    ],
  };
}
