import { Temporal } from "temporal-polyfill";
import { describe, expect, it } from "vitest";
import { reminderAt } from "#src/deletions/deletion-time.ts";
import { defaultDeletionTime, resolveWhen } from "#src/when/when.ts";

const berlin = "Europe/Berlin";
const newYork = "America/New_York";
const cairo = "Africa/Cairo";
const lordHowe = "Australia/Lord_Howe";

const text = (instant: Temporal.Instant, timeZone: string) =>
  instant.toZonedDateTimeISO(timeZone).toString({ timeZoneName: "never" });

function remindedAt(due: string, timeZone: string): string {
  const dueAt = Temporal.Instant.from(due);
  return text(reminderAt({ dueAt, timeZone }), timeZone);
}

describe("a reminder comes one day before, by the wall clock", () => {
  it.each([
    ["a day of 24 hours", berlin, "2027-06-11T18:00:00+02:00", "2027-06-10T18:00:00+02:00"],
    ["a day of 23 hours", berlin, "2027-03-28T18:00:00+02:00", "2027-03-27T18:00:00+01:00"],
    ["a day of 25 hours", berlin, "2027-10-31T18:00:00+01:00", "2027-10-30T18:00:00+02:00"],
    ["a day of 23 hours", newYork, "2027-03-14T09:00:00-04:00", "2027-03-13T09:00:00-05:00"],
    ["a day of 25 hours", newYork, "2027-11-07T09:00:00-05:00", "2027-11-06T09:00:00-04:00"],
    ["a day of 23 hours", cairo, "2027-04-30T09:00:00+03:00", "2027-04-29T09:00:00+02:00"],
    ["a day of 25 hours", cairo, "2027-10-29T09:00:00+02:00", "2027-10-28T09:00:00+03:00"],
    ["a day of 24.5 hours", lordHowe, "2027-04-04T09:00:00+10:30", "2027-04-03T09:00:00+11:00"],
    ["a day of 23.5 hours", lordHowe, "2027-10-03T09:00:00+11:00", "2027-10-02T09:00:00+10:30"],
  ])("over %s in %s", (_, timeZone, due, reminder) => {
    expect(remindedAt(due, timeZone)).toBe(reminder);
  });

  it.each([
    // Later, where the clock of the day before leaps over that time.
    ["leaps over", berlin, "2027-03-29T02:30:00+02:00", "2027-03-28T03:30:00+02:00"],
    ["leaps over", newYork, "2027-03-15T02:30:00-04:00", "2027-03-14T03:30:00-04:00"],
    ["leaps over", cairo, "2027-05-01T00:00:00+03:00", "2027-04-30T01:00:00+03:00"],
    ["leaps over", lordHowe, "2027-10-04T02:15:00+11:00", "2027-10-03T02:45:00+11:00"],
    // The first of the two, where it shows that time twice.
    ["shows twice", berlin, "2027-11-01T02:30:00+01:00", "2027-10-31T02:30:00+02:00"],
    ["shows twice", newYork, "2027-11-08T01:30:00-05:00", "2027-11-07T01:30:00-04:00"],
    ["shows twice", cairo, "2027-10-29T23:30:00+02:00", "2027-10-28T23:30:00+03:00"],
    ["shows twice", lordHowe, "2027-04-05T01:45:00+10:30", "2027-04-04T01:45:00+11:00"],
  ])("at a time that the day before %s in %s", (_, timeZone, due, reminder) => {
    expect(remindedAt(due, timeZone)).toBe(reminder);
  });

  it.each([
    ["first", "2027-10-31T02:30:00+02:00", 24],
    ["second", "2027-10-31T02:30:00+01:00", 25],
  ])("whichever of the two is meant: the %s half past two", (_, due, hours) => {
    const dueAt = Temporal.Instant.from(due);

    expect(dueAt.since(reminderAt({ dueAt, timeZone: berlin })).total("hours")).toBe(hours);
  });

  it("goes by the zone of whoever asked, not by UTC", () => {
    const dueAt = Temporal.Instant.from("2027-03-28T18:00:00+02:00");
    const hours = (timeZone: string) => dueAt.since(reminderAt({ dueAt, timeZone })).total("hours");

    expect([berlin, "UTC", newYork].map(hours)).toEqual([23, 24, 24]);
  });
});

function resolved(words: string, now: string, timeZone: string): string {
  const when = resolveWhen(words, { now: Temporal.Instant.from(now), timeZone });
  return when.kind === "at" ? text(when.at.toInstant(), timeZone) : when.kind;
}

describe("words about a day on which the clocks change", () => {
  it.each([
    [berlin, "2027-03-27T12:00:00Z", "tomorrow at 18:00", "2027-03-28T18:00:00+02:00"],
    [newYork, "2027-03-13T15:00:00Z", "tomorrow at 18:00", "2027-03-14T18:00:00-04:00"],
    [newYork, "2027-11-06T15:00:00Z", "tomorrow at 18:00", "2027-11-07T18:00:00-05:00"],
    [cairo, "2027-04-29T15:00:00Z", "tomorrow at 18:00", "2027-04-30T18:00:00+03:00"],
    [lordHowe, "2027-10-02T01:00:00Z", "tomorrow at 18:00", "2027-10-03T18:00:00+11:00"],
  ])("mean the wall clock of %s, said at %s", (timeZone, now, words, expected) => {
    expect(resolved(words, now, timeZone)).toBe(expected);
  });

  it.each([
    [newYork, "2027-03-13T15:00:00Z", "2027-03-14T11:00:00-04:00"],
    [newYork, "2027-11-06T14:00:00Z", "2027-11-07T09:00:00-05:00"],
    [cairo, "2027-04-29T15:00:00Z", "2027-04-30T18:00:00+03:00"],
    [lordHowe, "2027-10-02T01:00:00Z", "2027-10-03T12:00:00+11:00"],
  ])("mean elapsed time where they say hours, in %s at %s", (timeZone, now, expected) => {
    expect(resolved("in 24 hours", now, timeZone)).toBe(expected);
  });

  it.each([
    [berlin, "2027-03-28T02:30"],
    [newYork, "14 march 2027 at 2:30am"],
    [cairo, "30 april 2027 at 0:30"],
    [lordHowe, "3 october 2027 at 2:15am"],
    [newYork, "7 november 2027 at 1:30am"],
    [cairo, "28 october 2027 at 23:30"],
    [lordHowe, "4 april 2027 at 1:45am"],
  ])("are asked about where no such time is, or two: in %s %s", (timeZone, words) => {
    expect(resolved(words, "2027-01-01T00:00:00Z", timeZone)).toBe("question");
  });

  it.each([
    [newYork, "2027-03-12T15:00:00Z", "2027-03-14T10:00:00-04:00"],
    [cairo, "2027-04-28T15:00:00Z", "2027-04-30T17:00:00+03:00"],
    [cairo, "2027-04-27T22:00:00Z", "2027-04-30T01:00:00+03:00"],
    [lordHowe, "2027-04-02T01:00:00Z", "2027-04-04T12:00:00+10:30"],
  ])("are not needed: two days on by the wall clock of %s from %s", (timeZone, now, expected) => {
    const at = defaultDeletionTime({ now: Temporal.Instant.from(now), timeZone });

    expect(text(at.toInstant(), timeZone)).toBe(expected);
  });
});
