import { Temporal } from "temporal-polyfill";
import { expect, it } from "vitest";
import { readPastTime } from "#src/when/past-time.ts";

/** Saturday 21 November 2026, 10:00 in Berlin. */
const moment = { now: Temporal.Instant.from("2026-11-21T09:00:00Z"), timeZone: "Europe/Berlin" };

function read(words: string): string | undefined {
  const found = readPastTime(words, moment);
  if (!found) return undefined;
  const local = (at: Temporal.Instant) =>
    at.toZonedDateTimeISO(moment.timeZone).toPlainDateTime().toString({ smallestUnit: "minute" });
  return `${local(found.from)} ${local(found.to)}`;
}

it.each([
  ["yesterday", "2026-11-20T00:00 2026-11-21T00:00"],
  ["since yesterday", "2026-11-20T00:00 2026-11-21T00:00"],
  ["last week", "2026-11-09T00:00 2026-11-16T00:00"],
  ["Monday", "2026-11-16T00:00 2026-11-17T00:00"],
  ["2026-10-25", "2026-10-25T00:00 2026-10-26T00:00"],
  ["this morning", "2026-11-21T00:00 2026-11-21T12:00"],
  ["last night", "2026-11-20T18:00 2026-11-21T06:00"],
  ["yesterday afternoon", "2026-11-20T12:00 2026-11-20T18:00"],
  ["yesterday at 14:00", "2026-11-20T14:00 2026-11-20T14:00"],
  ["friday 6pm", "2026-11-20T18:00 2026-11-20T18:00"],
  ["12am", "2026-11-21T00:00 2026-11-21T00:00"],
  ["08:30", "2026-11-21T08:30 2026-11-21T08:30"],
  ["two hours ago", "2026-11-21T08:00 2026-11-21T08:00"],
  ["half an hour ago", "2026-11-21T09:30 2026-11-21T09:30"],
  ["in the last 24 hours", "2026-11-20T10:00 2026-11-21T10:00"],
  ["the last hour", "2026-11-21T09:00 2026-11-21T10:00"],
  ["past week", "2026-11-14T10:00 2026-11-21T10:00"],
  ["now", "2026-11-21T10:00 2026-11-21T10:00"],
  ["2026-11-20T08:00", "2026-11-20T08:00 2026-11-20T08:00"],
  ["2026-11-20T08:00Z", "2026-11-20T09:00 2026-11-20T09:00"],
])("reads %j", (words, time) => {
  expect(read(words)).toBe(time);
});

it.each([
  "tomorrow",
  "soon",
  "yesterday at 25:00",
  "2026-13-01T08:00",
  "last week at 14:00",
  "14",
  "",
])("does not understand %j", (words) => {
  expect(read(words)).toBeUndefined();
});
