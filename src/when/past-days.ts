import type { Temporal } from "temporal-polyfill";
import { monthNames, weekdays } from "./calendar-names.ts";
import { dateOf } from "./day.ts";
import type { Moment } from "./moment.ts";
import { createPhrase, normalise, type Phrase } from "./phrase.ts";

/** A stretch of days, both ends included. */
export interface Days {
  readonly first: Temporal.PlainDate;
  readonly last: Temporal.PlainDate;
}

type Reader = (phrase: Phrase, today: Temporal.PlainDate) => Days | undefined;

/**
 * The days that words about the past mean: "yesterday", "last friday", "two weeks ago", "in
 * october", "24 oct", ISO 8601. A week and a month are meant whole. Undefined for any other words.
 */
export function readPastDays(words: string, { now, timeZone }: Moment): Days | undefined {
  const today = now.toZonedDateTimeISO(timeZone).toPlainDate();
  const phrase = createPhrase(normalise(words));
  for (const read of readers) {
    const days = orNone(() => read(phrase, today));
    if (days) return phrase.rest() === "" ? days : undefined;
  }
  return undefined;
}

/** A date that does not exist is none. */
function orNone(read: () => Days | undefined): Days | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

const readers: readonly Reader[] = [takeNear, takeAgo, takeUnit, takeWeekday, takeIso, takeDate];

function takeNear(phrase: Phrase, today: Temporal.PlainDate): Days | undefined {
  const [near] = phrase.take(/\b(?:the day before yesterday|yesterday|today)\b/) ?? [];
  if (!near) return undefined;
  const days = near === "today" ? 0 : near === "yesterday" ? 1 : 2;
  return oneDay(today.subtract({ days }));
}

function takeAgo(phrase: Phrase, today: Temporal.PlainDate): Days | undefined {
  const [, count, unit = ""] = phrase.take(/\b(\d{1,3}) (day|week|month)s? ago\b/) ?? [];
  return count ? around(unit, today.subtract({ [`${unit}s`]: Number(count) })) : undefined;
}

function takeUnit(phrase: Phrase, today: Temporal.PlainDate): Days | undefined {
  const [, which, unit = ""] = phrase.take(/\b(this|last) (week|month)\b/) ?? [];
  if (!which) return undefined;
  return around(unit, today.subtract({ [`${unit}s`]: which === "last" ? 1 : 0 }));
}

function takeWeekday(phrase: Phrase, today: Temporal.PlainDate): Days | undefined {
  const [, last, name] =
    phrase.take(
      /\b(last )?(mon|tue|wed|thu|fri|sat|sun)(?:day|s|sday|nesday|r|rs|rsday|urday)?\b/,
    ) ?? [];
  if (!name) return undefined;
  const wanted = weekdays.findIndex((day) => day.startsWith(name)) + 1;
  const days = (today.dayOfWeek - wanted + 7) % 7;
  return oneDay(today.subtract({ days: days === 0 && last ? 7 : days }));
}

function takeIso(phrase: Phrase): Days | undefined {
  const [, year, month, day] = phrase.take(/\b(\d{4})-(\d\d)-(\d\d)\b/) ?? [];
  return year ? oneDay(dateOf(Number(year), Number(month), Number(day))) : undefined;
}

const monthName = `(${monthNames.join("|").toLowerCase()})[a-z]*\\.?`;
const dayNumber = "(\\d{1,2})(?:st|nd|rd|th)?";
const dayAndMonth = new RegExp(`\\b${dayNumber}(?: of)? ${monthName}(?:,? (\\d{4}))?`);
const monthAndDay = new RegExp(`\\b${monthName} ${dayNumber}\\b(?:,? (\\d{4}))?`);
const monthAlone = new RegExp(`\\b${monthName}(?: (\\d{4}))?`);

function takeDate(phrase: Phrase, today: Temporal.PlainDate): Days | undefined {
  const [, day, name, year] = phrase.take(dayAndMonth) ?? swapped(phrase.take(monthAndDay)) ?? [];
  if (day && name) return oneDay(latest(today, name, Number(day), year));
  const [, month, ofYear] = phrase.take(monthAlone) ?? [];
  return month ? around("month", latest(today, month, 1, ofYear)) : undefined;
}

function swapped(match: RegExpExecArray | undefined): readonly (string | undefined)[] | undefined {
  return match && [match[0], match[2], match[1], match[3]];
}

/** The last such date that has come, unless its year is said. */
function latest(
  today: Temporal.PlainDate,
  name: string,
  day: number,
  year?: string,
): Temporal.PlainDate {
  const month = monthNames.findIndex((one) => one.toLowerCase() === name) + 1;
  if (year) return dateOf(Number(year), month, day);
  const isAhead = month > today.month || (month === today.month && day > today.day);
  return dateOf(today.year - (isAhead ? 1 : 0), month, day);
}

function around(unit: string, date: Temporal.PlainDate): Days {
  if (unit === "month")
    return { first: date.with({ day: 1 }), last: date.with({ day: date.daysInMonth }) };
  if (unit === "day") return oneDay(date);
  const first = date.subtract({ days: date.dayOfWeek - 1 });
  return { first, last: first.add({ days: 6 }) };
}

function oneDay(date: Temporal.PlainDate): Days {
  return { first: date, last: date };
}
