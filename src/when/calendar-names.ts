import type { Temporal } from "temporal-polyfill";

/** Monday first, as `dayOfWeek` counts. */
export const weekdays = [
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
  "sunday",
];

/** January first, in three letters. */
export const monthNames = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** "Friday 27 Nov 2026". */
export function dayName(date: Temporal.PlainDate): string {
  return `${capitalised(weekdays[date.dayOfWeek - 1] ?? "")} ${date.day} ${monthNames[date.month - 1]} ${date.year}`;
}

/** The word with a capital letter. */
export function capitalised(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
