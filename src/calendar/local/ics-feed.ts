import { randomUUID } from "node:crypto";
import { rename, rm, writeFile } from "node:fs/promises";
import type { Temporal } from "temporal-polyfill";
import type { Clock } from "#src/clock.ts";
import type { Logger } from "#src/log.ts";
import type { CalendarEditor, CalendarEntry } from "./local-calendar.ts";

/** The calendar as a file that people's calendar programs can read. */
export interface IcsFeed {
  /** Writes what is in the calendar now. A file that cannot be written is logged: it is a copy only. */
  refresh(): Promise<void>;
}

interface Deps {
  /** Where the file is; only its owner may read it. */
  readonly path: string;
  readonly calendar: Pick<CalendarEditor, "list">;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Keeps a file with the calendar's events; whoever reads it never sees half of one. */
export function createIcsFeed({ path, calendar, clock, log }: Deps): IcsFeed {
  let latest = Promise.resolve();
  let waiting: Promise<void> | undefined;

  async function write(): Promise<void> {
    const now = clock.now();
    const current = async () => icsText(await calendar.list(), now);
    // Another process may have put an older listing of its own in place of a newer one; whoever
    // writes last looks once more.
    for (let text = await current(), written: string | undefined; text !== written; ) {
      await replaceFile(path, text);
      written = text;
      text = await current();
    }
  }

  return {
    refresh() {
      // One that has not begun yet sees this change too.
      waiting ??= latest = latest.then(() => {
        waiting = undefined;
        return write().catch((err: unknown) =>
          log.warn({ err, path }, "calendar file not written"),
        );
      });
      return waiting;
    },
  };
}

async function replaceFile(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  try {
    await writeFile(draft, text, { mode: 0o600 });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** The events as an iCalendar object, RFC 5545. */
export function icsText(entries: readonly CalendarEntry[], now: Temporal.Instant): string {
  const name = "Scheduled deletions";
  const lines = [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//proxmox-agent//scheduled deletions//EN",
    `NAME:${name}`,
    `X-WR-CALNAME:${name}`,
    ...entries.flatMap((entry) => eventLines(entry, now)),
    "END:VCALENDAR",
  ];
  return lines.map((line) => `${folded(line)}\r\n`).join("");
}

function eventLines(entry: CalendarEntry, now: Temporal.Instant): readonly string[] {
  const { id, startsAt, sequence, title, description } = entry;
  return [
    "BEGIN:VEVENT",
    `UID:${id}`,
    `DTSTAMP:${utc(now)}`,
    `SEQUENCE:${sequence}`,
    `DTSTART:${utc(startsAt)}`,
    "DURATION:PT15M",
    `SUMMARY:${escaped(title)}`,
    `DESCRIPTION:${escaped(description)}`,
    // Nobody is busy meanwhile.
    "TRANSP:TRANSPARENT",
    "END:VEVENT",
  ];
}

/** `20261127T170000Z`. */
function utc(instant: Temporal.Instant): string {
  return instant.toString({ smallestUnit: "second" }).replace(/[-:]/g, "");
}

function escaped(text: string): string {
  return (
    text
      .replace(/\r\n?/g, "\n")
      // biome-ignore lint/suspicious/noControlCharactersInRegex: no text may hold them
      .replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, "")
      .replace(/[\\;,]/g, "\\$&")
      .replaceAll("\n", "\\n")
  );
}

/** Octets of a line, its end not counted. */
const longestLine = 75;

/** A long line as several, each but the first behind a space; no character is cut in two. */
function folded(line: string): string {
  const lines: string[] = [];
  let current = "";
  for (const character of line) {
    if (Buffer.byteLength(current + character) > longestLine) {
      lines.push(current);
      current = " ";
    }
    current += character;
  }
  return [...lines, current].join("\r\n");
}
