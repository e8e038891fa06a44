import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { describe, expect, it } from "vitest";
import type { Moment } from "#src/when/moment.ts";
import { defaultDeletionTime, resolveWhen } from "#src/when/when.ts";

/** A Saturday, 10:00 in Berlin. */
const moment: Moment = {
  now: Temporal.Instant.from("2026-11-21T09:00:00Z"),
  timeZone: "Europe/Berlin",
};

function resolved(words: string, at = moment): string {
  const when = resolveWhen(words, at);
  return when.kind === "at" ? when.at.toString({ timeZoneName: "never" }) : when.kind;
}

describe("resolveWhen", () => {
  it.each([
    ["tomorrow morning", "2026-11-22T09:00:00+01:00"],
    ["tomorrow at noon", "2026-11-22T12:00:00+01:00"],
    ["tomorrow afternoon", "2026-11-22T15:00:00+01:00"],
    ["friday evening", "2026-11-27T18:00:00+01:00"],
    ["tonight", "2026-11-21T20:00:00+01:00"],
    ["end of day", "2026-11-21T18:00:00+01:00"],
    ["by eod friday", "2026-11-27T18:00:00+01:00"],
    ["midnight", "2026-11-22T00:00:00+01:00"],
    ["tonight at 9", "2026-11-21T21:00:00+01:00"],
    ["6 in the evening tomorrow", "2026-11-22T18:00:00+01:00"],
    ["dec 24th", "2026-12-24T18:00:00+01:00"],
  ])("reads the part of the day in %j", (words, expected) => {
    expect(resolved(words)).toBe(expected);
  });

  it.each([
    ["on friday at 18:00", "2026-11-27T18:00:00+01:00"],
    ["18:00 on friday", "2026-11-27T18:00:00+01:00"],
    ["tomorrow 6pm", "2026-11-22T18:00:00+01:00"],
    ["tommorow at 9", "2026-11-22T09:00:00+01:00"],
    ["the day after tomorrow at noon", "2026-11-23T12:00:00+01:00"],
    ["friday next week", "2026-11-27T18:00:00+01:00"],
    ["next week", "2026-11-28T18:00:00+01:00"],
    ["end of the month", "2026-11-30T18:00:00+01:00"],
    ["monday the 30th", "2026-11-30T18:00:00+01:00"],
    ["24 december 2026 18:30", "2026-12-24T18:30:00+01:00"],
    ["24.12.2026", "2026-12-24T18:00:00+01:00"],
    ["jan 5", "2027-01-05T18:00:00+01:00"],
    ["saturday at 9", "2026-11-28T09:00:00+01:00"],
    ["saturday at 18:00", "2026-11-21T18:00:00+01:00"],
  ])("reads the date in %j", (words, expected) => {
    expect(resolved(words)).toBe(expected);
  });

  it.each([
    ["in 3 hours", "2026-11-21T13:00:00+01:00"],
    ["90 minutes", "2026-11-21T11:30:00+01:00"],
    ["two days from now", "2026-11-23T10:00:00+01:00"],
    ["in a fortnight", "2026-12-05T10:00:00+01:00"],
    ["in 2 days at 18:00", "2026-11-23T18:00:00+01:00"],
    ["a week from friday", "2026-12-04T18:00:00+01:00"],
    ["2 days and 3 hours", "2026-11-23T13:00:00+01:00"],
  ])("counts from now in %j", (words, expected) => {
    expect(resolved(words)).toBe(expected);
  });

  it.each([
    ["2026-12-24T18:00:00-05:00", "2026-12-25T00:00:00+01:00"],
    ["2026-12-24T17:00:00Z", "2026-12-24T18:00:00+01:00"],
    ["2026-12-24T18:00", "2026-12-24T18:00:00+01:00"],
    ["2026-12-24 18:00", "2026-12-24T18:00:00+01:00"],
    ["2026-12-24", "2026-12-24T18:00:00+01:00"],
  ])("reads ISO 8601, in the person's zone where it names none: %j", (words, expected) => {
    expect(resolved(words)).toBe(expected);
  });

  it("goes by a zone that the words name", () => {
    expect(resolved("tomorrow 18:00 America/New_York")).toBe("2026-11-22T18:00:00-05:00");
    expect(resolved("tomorrow 6pm UTC")).toBe("2026-11-22T18:00:00+00:00");
    expect(resolved("tomorrow 6pm CET")).toBe("2026-11-22T18:00:00+01:00");
    expect(resolved("1 july 2027 6pm cest")).toBe("2027-07-01T18:00:00+02:00");
  });

  it.each(["now", "right now", "immediately", "ASAP", "as soon as possible"])(
    "takes %j as soon as it is confirmed",
    (words) => {
      expect(resolveWhen(words, moment)).toEqual({ kind: "now" });
    },
  );

  it.each([
    ["a date whose day and month could be swapped", "1.4.2026"],
    ["the same with slashes", "05/06/2026"],
    ["a time that has passed today", "9 am"],
    ["a date that has passed", "2020-01-01"],
    ["a date that passed this month", "nov 3"],
    ["yesterday", "yesterday"],
    ["a repetition", "every friday"],
    ["a length", "for 2 days"],
    ["a condition", "after 3 days of being stopped"],
    ["a range", "before friday"],
    ["the weekend", "this weekend"],
    ["something vague", "soon"],
    ["an hour that may be morning or evening", "friday at 6"],
    ["midnight of a day", "friday at midnight"],
    ["the end of a week", "end of the week"],
    ["a weekday that is not that date", "friday 28 november"],
    ["a day that does not exist", "feb 30"],
    ["a month too short", "on the 31st"],
    ["an hour that does not exist", "at 25:00"],
    ["a zone abbreviation of several places", "6pm EST"],
    ["a zone that is not in force then", "1 july 2027 6pm CET"],
    ["an unknown zone", "18:00 Mars/Olympus"],
    ["a word that is no time", "friday banana"],
    ["a range of hours", "5-6pm"],
    ["nothing", ""],
  ])("asks about %s", (_, words) => {
    expect(resolved(words)).toBe("question");
  });

  it("takes the next friday as that of next week", () => {
    const tuesday = { ...moment, now: Temporal.Instant.from("2026-11-24T09:00:00Z") };

    expect(resolved("friday", tuesday)).toBe("2026-11-27T18:00:00+01:00");
    expect(resolved("next friday", tuesday)).toBe("2026-12-04T18:00:00+01:00");
    expect(resolved("next monday", tuesday)).toBe("2026-11-30T18:00:00+01:00");
  });

  it.each([
    ["by two days", "2026-11-29T18:00:00+01:00"],
    ["a week later", "2026-12-04T18:00:00+01:00"],
    ["3 hours earlier", "2026-11-27T15:00:00+01:00"],
    ["by a day and 2 hours", "2026-11-28T20:00:00+01:00"],
  ])("counts from what is planned in %j", (words, expected) => {
    const planned = Temporal.Instant.from("2026-11-27T17:00:00Z");

    expect(resolved(words, { ...moment, planned })).toBe(expected);
    expect(resolved(words)).toBe("question");
  });

  it("reads no other words as a shift of what is planned", () => {
    const planned = Temporal.Instant.from("2026-11-27T17:00:00Z");

    expect(resolved("in two days", { ...moment, planned })).toBe(resolved("in two days"));
    expect(resolved("by friday 9 am", { ...moment, planned })).toBe("2026-11-27T09:00:00+01:00");
    expect(resolved("by 9 days earlier", { ...moment, planned })).toBe("question");
  });

  it("asks about an hour that a clock change skips or repeats", () => {
    expect(resolved("28 march 2027 at 2:30am")).toBe("question");
    expect(resolved("2027-10-31T02:30")).toBe("question");
    expect(resolved("2027-03-28T03:30")).toBe("2027-03-28T03:30:00+02:00");
  });

  it("keeps the wall clock over a clock change for days and elapsed time for hours", () => {
    const before = { ...moment, now: Temporal.Instant.from("2027-03-27T09:00:00Z") };

    expect(resolved("in 2 days", before)).toBe("2027-03-29T10:00:00+02:00");
    expect(resolved("in 48 hours", before)).toBe("2027-03-29T11:00:00+02:00");
  });

  it("reads any future minute of any zone back from ISO and from words, or asks", () => {
    const zones = [
      "Europe/Berlin",
      "America/New_York",
      "Africa/Cairo",
      "Australia/Lord_Howe",
      "UTC",
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: 1, max: 500 * 24 * 60 }),
        (timeZone, minutes) => {
          const at = moment.now.add({ minutes }).toZonedDateTimeISO(timeZone);
          const here = { now: moment.now, timeZone };
          const [date, time] = [
            at.toPlainDate(),
            at.toPlainTime().toString({ smallestUnit: "minute" }),
          ];
          const month = new Intl.DateTimeFormat("en", { month: "long", timeZone }).format(
            at.epochMilliseconds,
          );
          for (const words of [
            at.toString({ timeZoneName: "never" }),
            `${date}T${time}`,
            `${date.day} ${month} ${date.year} at ${time}`,
          ]) {
            const when = resolveWhen(words, here);
            if (when.kind === "question" && /clocks change/.test(when.question)) continue;
            expect(when).toMatchObject({ kind: "at" });
            expect(when.kind === "at" && when.at.epochMilliseconds).toBe(at.epochMilliseconds);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it("never throws and never answers with the past", () => {
    const words = fc
      .array(
        fc.constantFrom(
          ..."in on at next last friday tomorrow 2 31 24:00 6 pm noon days week utc / . end of the month dec 2026 every".split(
            " ",
          ),
        ),
        { maxLength: 6 },
      )
      .map((parts) => parts.join(" "));
    fc.assert(
      fc.property(fc.oneof(words, fc.string({ maxLength: 30 })), (text) => {
        const when = resolveWhen(text, moment);
        if (when.kind === "at") {
          expect(Temporal.Instant.compare(when.at.toInstant(), moment.now)).toBe(1);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("defaultDeletionTime", () => {
  it("is two days from now by the wall clock", () => {
    const before = { ...moment, now: Temporal.Instant.from("2027-03-27T09:00:00Z") };

    expect(defaultDeletionTime(before).toString()).toBe("2027-03-29T10:00:00+02:00[Europe/Berlin]");
  });
});
