import { mkdir, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { Temporal } from "temporal-polyfill";
import { describe, expect, it } from "vitest";
import { createIcsFeed, icsText } from "#src/calendar/local/ics-feed.ts";
import type { CalendarEntry } from "#src/calendar/local/local-calendar.ts";
import { createLogger } from "#src/log.ts";
import { clockAt } from "#test/support/clock.ts";
import { testFolder } from "#test/support/program.ts";

const now = Temporal.Instant.from("2026-11-24T11:00:00.5Z");

function entry(id: string, text: Partial<CalendarEntry> = {}): CalendarEntry {
  const startsAt = Temporal.Instant.from("2026-11-27T18:00:00+01:00");
  const time = { startsAt, timeZone: "Europe/Berlin" };
  return { id, sequence: 7, ...time, title: "Delete it", description: "", ...text };
}

/** The lines as a calendar program reads them. */
function unfolded(text: string): readonly string[] {
  return text.replaceAll("\r\n ", "").split("\r\n");
}

describe("the text of the feed", () => {
  it("is an event in UTC, at which nobody is busy", () => {
    expect(icsText([entry("pve1", { description: "By Alice" })], now)).toBe(
      [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//proxmox-agent//scheduled deletions//EN",
        "NAME:Scheduled deletions",
        "X-WR-CALNAME:Scheduled deletions",
        "BEGIN:VEVENT",
        "UID:pve1",
        "DTSTAMP:20261124T110000Z",
        "SEQUENCE:7",
        "DTSTART:20261127T170000Z",
        "DURATION:PT15M",
        "SUMMARY:Delete it",
        "DESCRIPTION:By Alice",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
      ].join("\r\n"),
    );
  });

  it("keeps a text to its line, whatever it holds", () => {
    const title = "a,b;c\\d\r\nEND:VEVENT\u0007\rx\ny";

    const lines = unfolded(icsText([entry("pve1", { title })], now));

    expect(lines).toContain("SUMMARY:a\\,b\\;c\\\\d\\nEND:VEVENT\\nx\\ny");
    expect(lines.filter((line) => line === "END:VEVENT")).toHaveLength(1);
  });

  it("folds at 75 octets, and cuts no character in two", () => {
    const description = "Grün 🚀 ".repeat(40);

    const text = icsText([entry("pve1", { description })], now);

    const lengths = text.split("\r\n").map((line) => Buffer.byteLength(line));
    expect(Math.max(...lengths)).toBeLessThanOrEqual(75);
    expect(Math.max(...lengths)).toBeGreaterThan(70);
    expect(unfolded(text)).toContain(`DESCRIPTION:${description}`);
  });

  it("leaves a line of exactly 75 octets whole", () => {
    const title = "x".repeat(75 - "SUMMARY:".length);

    expect(icsText([entry("pve1", { title })], now)).toContain(`SUMMARY:${title}\r\n`);
    expect(icsText([entry("pve1", { title: `${title}x` })], now)).toContain("x\r\n x\r\n");
  });
});

describe("the feed", () => {
  const log = createLogger({ level: "silent" });

  async function setUp(name = "sandbox.ics") {
    const folder = await testFolder();
    const entries: CalendarEntry[] = [];
    const calendar = { list: async () => [...entries] };
    const path = join(folder, name);
    const feed = createIcsFeed({ path, calendar, clock: clockAt(now.toString()), log });
    return { folder, path, entries, calendar, feed, read: () => readFile(path, "utf8") };
  }

  it("holds what the calendar holds, for its owner's eyes only, and leaves no draft", async () => {
    const { folder, path, entries, feed, read } = await setUp();

    await feed.refresh();
    expect(await read()).not.toContain("VEVENT");
    entries.push(entry("a"));
    await feed.refresh();

    expect(await read()).toBe(icsText(entries, now));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(["sandbox.ics"]);
  });

  it("has the latest change when whoever made it is told that it was written", async () => {
    const { entries, feed, read } = await setUp();

    const written = [1, 2, 3, 4].map(async (number) => {
      entries.push(entry(`event-${number}`));
      await feed.refresh();
      expect(await read()).toContain(`UID:event-${number}`);
    });

    await Promise.all(written);
  });

  it("looks again when the calendar changed while it wrote", async () => {
    const { path, read } = await setUp();
    const listings = [[entry("old")], [entry("new")]];
    const calendar = { list: async () => listings.shift() ?? [entry("new")] };

    await createIcsFeed({ path, calendar, clock: clockAt(now.toString()), log }).refresh();

    expect(await read()).toContain("UID:new");
  });

  it("fails nobody's change when the file cannot be written, and tries with the next", async () => {
    const { folder, entries, feed, read } = await setUp("later/sandbox.ics");

    await feed.refresh();
    await mkdir(join(folder, "later"));
    entries.push(entry("a"));
    await feed.refresh();

    expect(await read()).toContain("UID:a");
  });
});
