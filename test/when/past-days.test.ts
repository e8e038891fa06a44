import { Temporal } from "temporal-polyfill";
import { expect, it } from "vitest";
import { readPastDays } from "#src/when/past-days.ts";

/** Saturday 21 November 2026, 23:30 in Berlin. */
const moment = { now: Temporal.Instant.from("2026-11-21T22:30:00Z"), timeZone: "Europe/Berlin" };

function read(words: string, here = moment): string | undefined {
  const days = readPastDays(words, here);
  return days && [...new Set([days.first, days.last].map(String))].join(" to ");
}

it.each([
  ["today", "2026-11-21"],
  ["Yesterday", "2026-11-20"],
  ["the day before yesterday", "2026-11-19"],
  ["3 days ago", "2026-11-18"],
  ["two weeks ago", "2026-11-02 to 2026-11-08"],
  ["a month ago", "2026-10-01 to 2026-10-31"],
  ["this week", "2026-11-16 to 2026-11-22"],
  ["last week", "2026-11-09 to 2026-11-15"],
  ["last month", "2026-10-01 to 2026-10-31"],
  ["on friday", "2026-11-20"],
  ["saturday", "2026-11-21"],
  ["last saturday", "2026-11-14"],
  ["2026-11-03", "2026-11-03"],
  ["24 oct", "2026-10-24"],
  ["October 24th", "2026-10-24"],
  ["the 24th of december", "2025-12-24"],
  ["24 december 2024", "2024-12-24"],
  ["22 november", "2025-11-22"],
  ["in october", "2026-10-01 to 2026-10-31"],
  ["december", "2025-12-01 to 2025-12-31"],
])("%s means %s", (words, days) => {
  expect(read(words)).toBe(days);
});

it("counts days in the zone of who says them", () => {
  expect(read("today", { ...moment, timeZone: "Asia/Tokyo" })).toBe("2026-11-22");
});

it.each([
  "",
  "tomorrow",
  "31 november",
  "2026-02-30",
  "friday or saturday",
  "a while ago",
  "05/06",
])("%j means no day in the past", (words) => {
  expect(read(words)).toBeUndefined();
});
