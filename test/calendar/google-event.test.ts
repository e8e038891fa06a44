import { describe, expect, it } from "vitest";
import { eventOf, eventResource } from "#src/calendar/google/event-resource.ts";

function startOf(start: unknown, timeZone?: string): string | undefined {
  return eventOf(eventResource.parse({ id: "e", start }), timeZone).startsAt?.toString();
}

describe("the start of an event in Google", () => {
  it.each([
    ["Europe/Berlin", "2027-03-28", "2027-03-28T07:00:00Z"],
    ["Europe/Berlin", "2027-10-31", "2027-10-31T08:00:00Z"],
    ["America/New_York", "2027-03-14", "2027-03-14T13:00:00Z"],
    ["Africa/Cairo", "2027-04-30", "2027-04-30T06:00:00Z"],
    ["Australia/Lord_Howe", "2027-04-04", "2027-04-03T22:30:00Z"],
    ["Australia/Lord_Howe", "2027-04-03", "2027-04-02T22:00:00Z"],
  ])("of a whole day in %s, %s, is at nine there: %s", (timeZone, date, start) => {
    expect(startOf({ date }, timeZone)).toBe(start);
  });

  it.each([
    ["2027-03-28T02:30:00+01:00", "2027-03-28T01:30:00Z"],
    ["2027-10-31T02:30:00+02:00", "2027-10-31T00:30:00Z"],
    ["2027-05-04T10:00:00Z", "2027-05-04T10:00:00Z"],
  ])("is the instant that it names: %s", (dateTime, start) => {
    expect(startOf({ dateTime, timeZone: "Mars/Olympus" }, "Europe/Berlin")).toBe(start);
  });

  it.each([
    ["a day in a zone that does not exist", { date: "2027-05-04" }, "Mars/Olympus"],
    ["a day in a zone that is not known", { date: "2027-05-04" }, undefined],
    ["a day that does not exist", { date: "2027-02-30" }, "Europe/Berlin"],
    ["a time without its offset", { dateTime: "2027-05-04T10:00:00" }, "Europe/Berlin"],
    ["nothing at all", undefined, "Europe/Berlin"],
  ])("is not known for %s", (_, start, timeZone) => {
    expect(startOf(start, timeZone)).toBeUndefined();
  });
});

describe("an event in Google", () => {
  it("may be nothing but an id once it was removed", () => {
    const event = eventOf(eventResource.parse({ id: "e", status: "cancelled" }), "UTC");

    expect(event).toMatchObject({
      id: "e",
      cancelled: true,
      title: "",
      marks: {},
      recurring: false,
    });
  });

  it.each([
    [{ recurrence: ["RRULE:FREQ=WEEKLY"] }, true],
    [{ recurringEventId: "series" }, true],
    [{ recurrence: [] }, false],
  ])("is one of a series by what Google says of it: %o", (fields, recurring) => {
    expect(eventOf(eventResource.parse({ id: "e", ...fields }), "UTC").recurring).toBe(recurring);
  });
});
