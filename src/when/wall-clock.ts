import { Temporal } from "temporal-polyfill";
import { Unclear } from "./unclear.ts";

/** That hour ("18:00") of the date. */
export function at(date: Temporal.PlainDate, time: string): Temporal.PlainDateTime {
  return date.toPlainDateTime(Temporal.PlainTime.from(time));
}

/** An hour that a clock change skips or repeats there is no one instant, so it is asked about. */
export function wallClock(
  dateTime: Temporal.PlainDateTime,
  timeZone: string,
): Temporal.ZonedDateTime {
  try {
    return dateTime.toZonedDateTime(timeZone, { disambiguation: "reject" });
  } catch (cause) {
    const clock = dateTime.toPlainTime().toString({ smallestUnit: "minute" });
    throw new Unclear(
      `the clocks change that day in ${timeZone}, and ${clock} is skipped or comes twice. Which other time?`,
      { cause },
    );
  }
}
