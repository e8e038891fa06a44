import { Temporal } from "temporal-polyfill";
import { dayName, monthNames, weekdays } from "./calendar-names.ts";
import type { Phrase } from "./phrase.ts";
import { Unclear } from "./unclear.ts";

/** A date that words named. */
export interface Day {
  readonly date: Temporal.PlainDate;
  /** How far off the next day of that name is, for when the hour has passed today. */
  readonly again?: Temporal.DurationLike;
}

const weekday =
  /\b(?:(next|this|coming|following) )?(mon|tue|wed|thu|fri|sat|sun)(?:day|s|sday|nesday|r|rs|rsday|urday)?\b\.?/;

/** today, tomorrow, friday, next week, end of the month: a day by its name. */
export function takeNamedDay(phrase: Phrase, today: Temporal.PlainDate): Day | undefined {
  const near = phrase.take(/\b(?:the )?(?:day after tomorrow|tomorrow|today)\b/)?.[0];
  if (near)
    return { date: today.add({ days: near.includes("after") ? 2 : near === "today" ? 0 : 1 }) };
  const end = phrase.take(/\b(?:the )?end of (?:the |this )*(next )?(week|month|year)\b/);
  if (end) return { date: endOf(end[2] ?? "", end[1] ? 1 : 0, today) };
  const nextWeek = phrase.take(/\bnext week\b/);
  const name = phrase.take(weekday);
  if (name) return namedWeekday(name[2] ?? "", nextWeek ? "next" : name[1], today);
  if (nextWeek) return { date: today.add({ weeks: 1 }) };
  const next = phrase.take(/\bnext (month|year)\b/);
  return next && { date: today.add({ [`${next[1]}s`]: 1 }) };
}

function namedWeekday(name: string, which: string | undefined, today: Temporal.PlainDate): Day {
  const wanted = weekdays.findIndex((day) => day.startsWith(name)) + 1;
  const coming = today.add({ days: (wanted - today.dayOfWeek + 7) % 7 });
  if (which !== "next") return which ? { date: coming } : { date: coming, again: { days: 7 } };
  return { date: today.add({ days: 7 - today.dayOfWeek + wanted }) };
}

function endOf(unit: string, ahead: number, today: Temporal.PlainDate): Temporal.PlainDate {
  if (unit === "week") throw new Unclear("On Friday or on Sunday?");
  const last = today.add({ [`${unit}s`]: ahead });
  return unit === "year" ? last.with({ month: 12, day: 31 }) : last.with({ day: last.daysInMonth });
}

/** 24.12.2026, 12/24, 2026/12/24; refused where day and month could be swapped. */
export function takeNumericDate(phrase: Phrase, today: Temporal.PlainDate): Day | undefined {
  const iso = phrase.take(/\b(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\b/);
  if (iso) return { date: dateOf(Number(iso[1]), Number(iso[2]), Number(iso[3])) };
  const match = phrase.take(/\b(\d{1,2})([./-])(\d{1,2})(?:\2(\d{4}|\d\d)?)?(?! ?[ap]\.?m|\d)/);
  if (!match) return undefined;
  const [first, second] = [Number(match[1]), Number(match[3])];
  if (first <= 12 && second <= 12 && first !== second) {
    throw new Unclear(
      `day and month could be swapped. Please write the month as a word, such as ${first} ${monthNames[second - 1]}.`,
    );
  }
  const [day, month] = first > 12 ? [first, second] : [second, first];
  const year = match[4] && Number(match[4]) + (match[4].length === 2 ? 2000 : 0);
  return year ? { date: dateOf(year, month, day) } : comingDate(month, day, today);
}

/** "on the 31st": of this month if it is ahead and exists. */
export function takeOrdinal(phrase: Phrase, today: Temporal.PlainDate): Day | undefined {
  const match = phrase.take(
    /\b(\d{1,2})(?:st|nd|rd|th)\b(?= *(?:$|at\b|of (?:this|the) month|\d{1,2}:|\d{1,2} ?[ap]m))(?: of (?:this|the) month)?/,
  );
  if (!match) return undefined;
  const day = Number(match[1]);
  const month = day < today.day ? today.add({ months: 1 }) : today;
  return { date: dateOf(month.year, month.month, day), again: { months: 1 } };
}

/** The next such date, unless it has only just passed: then the year is asked for. */
export function comingDate(month: number, day: number, today: Temporal.PlainDate): Day {
  const date = dateOf(today.year, month, day);
  if (Temporal.PlainDate.compare(date, today) >= 0) return { date };
  const next = dateOf(today.year + 1, month, day);
  if (Temporal.PlainDate.compare(next, today.add({ months: 6 })) <= 0) return { date: next };
  throw new Unclear(`${dayName(date)} has passed. In which year?`);
}

/** The one day of "monday the 30th"; asks where the two are not the same. */
export function sameDay(named: Day | undefined, dated: Day | undefined): Day | undefined {
  if (!named || !dated) return named ?? dated;
  const isNamed =
    named.date.equals(dated.date) || (named.again && named.date.dayOfWeek === dated.date.dayOfWeek);
  if (isNamed) return dated;
  throw new Unclear(`${dayName(dated.date)} is not that day. Which one is meant?`);
}

/** Asks where a day stands beside a span that was already counted from today. */
export function noDay(day: Day | undefined): undefined {
  if (day) throw new Unclear("That names a day twice. When exactly?");
}

/** @throws RangeError for a date that does not exist. */
export function dateOf(year: number, month: number, day: number): Temporal.PlainDate {
  return Temporal.PlainDate.from({ year, month, day }, { overflow: "reject" });
}
