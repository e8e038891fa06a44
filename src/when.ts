import { createRequire } from "node:module";
import { Temporal } from "temporal-polyfill";

/** What a person's words about time mean: an instant, as soon as possible, or nothing certain. */
export type When =
  | { readonly kind: "at"; readonly at: Temporal.ZonedDateTime }
  /** As soon as it is confirmed. */
  | { readonly kind: "now" }
  /** Nothing was assumed: one sentence that says what is unclear and asks for it. */
  | { readonly kind: "question"; readonly question: string };

/** When and where something is said. */
export interface Moment {
  readonly now: Temporal.Instant;
  /** IANA zone in which the words are read, unless they name another one. */
  readonly timeZone: string;
}

/** The hour of a date that is named alone. */
const dateAlone = "18:00";

/** The hour that a part of the day stands for; the first pattern that matches counts. */
const partsOfDay: readonly (readonly [pattern: RegExp, time: string])[] = [
  [/\b(?:(?:the )?end of (?:the )?(?:(?:business|work|working) )?day|eod)\b/, "18:00"],
  [/\b(?:close of business|end of business|cob)\b/, "18:00"],
  [/\b(?:in )?(?:the )?(?:early )?morning\b/, "09:00"],
  [/\b(?:at )?(?:noon|midday|lunch ?time)\b/, "12:00"],
  [/\b(?:in )?(?:the )?afternoon\b/, "15:00"],
  [/\b(?:in )?(?:the )?evening\b/, "18:00"],
  [/\b(?:at )?night\b/, "20:00"],
];

const nowWords =
  /^(?:right |just )?(?:now|away|immediately|instantly|at once|straight ?away|asap|as soon as (?:possible|confirmed|it is confirmed))(?: please)?$/;

/** Words that sound like a time and are none; each with what to ask. */
const unclear: readonly (readonly [pattern: RegExp, question: string])[] = [
  [
    /\b(?:every|each|daily|weekly|monthly|yearly|nightly|hourly|recurring|(?:mon|tues|wednes|thurs|fri|satur|sun)days|weekdays)\b/,
    "It can happen once only, not again and again. At which one time?",
  ],
  [/\bfor\b/, "That says how long, not when. At which date and time?"],
  [/\b(?:weekend)\b/, "On Saturday or on Sunday, and at what time?"],
  [
    /\b(?:later|soon|sometime|someday|eventually|whenever|some time|in a (?:bit|while)|few|several|some)\b/,
    "That is too vague to act on. At which date and time?",
  ],
  [
    /\b(?:before|until|till|within|between|latest|around|about|roughly|approximately|ish)\b/,
    "That is a range, not a time. At exactly which date and time?",
  ],
  [/\b(?:yesterday|ago|last)\b/, "That is in the past. When should it be?"],
  [/\b(?:if|unless|once|when|idle)\b/, "It cannot wait for a condition. At which date and time?"],
];

const weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const monthNames = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

const numberWords: Readonly<Record<string, number>> = Object.fromEntries(
  "zero one two three four five six seven eight nine ten eleven twelve"
    .split(" ")
    .map((word, value) => [word, value]),
);

const misspelt: readonly (readonly [pattern: RegExp, word: string])[] = [
  [/\btom+or+ow\b|\btmrw?\b|\b2moro\b/g, "tomorrow"],
  [/\b(?:tonight|tonite) at midnight\b|\bmidnight (?:tonight|today)\b/g, "midnight"],
  [/\b(?:tonight|tonite)\b/g, "today night"],
  [/\bwedne?sday\b|\bwensday\b/g, "wednesday"],
  [/\b([a-z]{3,9}) the (?=\d{1,2}(?:st|nd|rd|th)\b)/g, "$1 "],
  [/\b(?:a )?fortnight\b/g, "2 weeks"],
  [/\ba couple(?: of)?\b|\bcouple of\b/g, "2"],
  [/\bhalf an hour\b/g, "30 minutes"],
  [/\ban hour and a half\b/g, "90 minutes"],
  [/\ban?(?= (?:minute|hour|day|week|month|year)\b)/g, "1"],
  [/\b(\d{1,2}) ?(?:o'?clock|h|uhr)\b/g, "$1:00"],
  [/\bat ([7-9]|1\d|2[0-3])\b(?!:|[/.-]| ?[ap]\.?m)/g, "$1:00"],
  [/\b(\d{1,2})(?::00)? in the morning\b/g, "$1am"],
  [/\b(\d{1,2})(?::00)? (?:in the (?:afternoon|evening)|at night)\b/g, "$1pm"],
];

/** Thrown inside this file only; becomes the question that is returned. */
class Unclear extends Error {}

/**
 * Reads a time: ISO 8601 with or without an offset, or everyday English such as "friday at 18:00",
 * "in two days", "dec 24th" or "end of the month". Days and weeks go by the wall clock, hours and
 * minutes by elapsed time. What could mean two things, has passed, or does not exist on that day
 * becomes a question, never a guess; nothing is thrown.
 */
export function resolveWhen(words: string, moment: Moment): When {
  try {
    return resolve(words, moment);
  } catch (error) {
    const said = quote(words);
    if (error instanceof Unclear)
      return { kind: "question", question: `${said}: ${error.message}` };
    if (!(error instanceof RangeError)) throw error;
    return { kind: "question", question: `${said} is not a time that exists. Which one is meant?` };
  }
}

/** When a deletion is due if nobody says: two days from now, by the wall clock. */
export function defaultDeletionTime({ now, timeZone }: Moment): Temporal.ZonedDateTime {
  return now.toZonedDateTimeISO(timeZone).add({ days: 2 }).round("minute");
}

/** "Fri 27 Nov 2026, 18:00 CET (Europe/Berlin), in 6 days". */
export function describeInstant(instant: Temporal.Instant, { now, timeZone }: Moment): string {
  const at = instant.toZonedDateTimeISO(timeZone);
  const weekday = capitalised(weekdays[at.dayOfWeek - 1]?.slice(0, 3) ?? "");
  const date = `${weekday} ${at.day} ${monthNames[at.month - 1]} ${at.year}`;
  const time = at.toPlainTime().toString({ smallestUnit: "minute" });
  const zone = zoneName(at);
  const place = zone === timeZone ? zone : `${zone} (${timeZone})`;
  return `${date}, ${time} ${place}, ${relative(at, now)}`;
}

function resolve(words: string, moment: Moment): When {
  const trimmed = words.trim();
  const iso = readIso(trimmed, moment.timeZone);
  if (iso) return future(iso, moment);

  const { text, timeZone } = takeZone(trimmed, moment.timeZone);
  const normal = normalise(text);
  if (nowWords.test(normal)) return { kind: "now" };
  for (const [pattern, question] of unclear) if (pattern.test(normal)) throw new Unclear(question);

  const here = { now: moment.now, timeZone };
  return future(combine(readParts(createPhrase(normal), here), here), moment);
}

function future(at: Temporal.ZonedDateTime, { now }: Moment): When {
  if (Temporal.Instant.compare(at.toInstant(), now) > 0) return { kind: "at", at };
  const described = describeInstant(at.toInstant(), { now, timeZone: at.timeZoneId });
  throw new Unclear(`that was ${described}. When should it be?`);
}

function normalise(text: string): string {
  const plain = text
    .toLowerCase()
    .replace(/[’‘]/g, "'")
    .replace(/[!?"]/g, "")
    .replace(/\b[a-z]+\b/g, (word) => `${numberWords[word] ?? word}`)
    .replace(/\s+/g, " ")
    .trim();
  return misspelt.reduce((known, [pattern, word]) => known.replace(pattern, word), plain);
}

/** A text from which pieces are taken as they are understood. */
function createPhrase(initial: string) {
  let text = initial;
  return {
    text: () => text,
    take(pattern: RegExp): RegExpExecArray | undefined {
      const match = pattern.exec(text);
      if (!match) return undefined;
      text = `${text.slice(0, match.index)} ${text.slice(match.index + match[0].length)}`;
      return match;
    },
    /** What nobody understood, without the words that only connect. */
    rest: () =>
      text
        .replace(
          /\b(?:on|at|in|by|to|the|of|from|this|coming|and|please|then|after|local time|my time|sharp)\b/g,
          " ",
        )
        .replace(/[,.;\s]+/g, " ")
        .trim(),
  };
}

type Phrase = ReturnType<typeof createPhrase>;

function readIso(text: string, timeZone: string): Temporal.ZonedDateTime | undefined {
  const match =
    /^(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?))? ?([Zz]|[+-]\d\d:?\d\d)?(?:\[([\w/+-]+)\])?$/.exec(
      text,
    );
  if (!match) return undefined;
  const [, date, time = dateAlone, offset, zone = timeZone] = match;
  if (offset) return Temporal.Instant.from(`${date}T${time}${offset}`).toZonedDateTimeISO(zone);
  return wallClock(Temporal.PlainDateTime.from(`${date}T${time}`), zone);
}

/** A zone named in the words wins over the speaker's; one that means several places is asked about. */
function takeZone(
  words: string,
  own: string,
): { readonly text: string; readonly timeZone: string } {
  const abbreviation = /\b(?:CES?T|[ECMP][SD]T|BST|IST|JST|EES?T|WES?T|AE[SD]T|[ECMP]T)\b/.exec(
    words,
  );
  if (abbreviation) {
    throw new Unclear(
      `${abbreviation[0]} is not one zone all year. Name a city, such as Europe/Berlin, or UTC.`,
    );
  }
  const match = /\b(?:UTC|GMT|Zulu)(?![/\w])(?! ?[+-]\d)|\b[A-Za-z]+(?:\/[A-Za-z_-]+)+\b/i.exec(
    words,
  );
  if (!match) return { text: words, timeZone: own };
  const named = match[0].includes("/") ? match[0] : "UTC";
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(named);
  } catch (cause) {
    throw new Unclear(`I know no time zone ${quote(named)}. Which one is meant?`, { cause });
  }
  return { text: words.replace(match[0], " "), timeZone: named };
}

const duration = /(\d+(?:\.5)?) ?(min(?:ute)?s?|h(?:ou)?rs?|h|days?|d|weeks?|w|months?|years?)\b/;
const leadingDuration = new RegExp(
  `^(?:in |after )?((?:${duration.source}(?:,? and |,? )?)+)(?:(from|after)(?! now| today)|(?:from )?(?:now|today|hence|time))?`,
);

/** What the words named; at least one of them, or it was no time. */
interface Parts {
  readonly span?: Span | undefined;
  readonly day?: Day | undefined;
  readonly time?: string | undefined;
}

interface Span {
  readonly days: Temporal.DurationLike;
  readonly minutes: number;
}

interface Day {
  readonly date: Temporal.PlainDate;
  /** How far off the next day of that name is, for when the hour has passed today. */
  readonly again?: Temporal.DurationLike;
}

function readParts(phrase: Phrase, { now, timeZone }: Moment): Parts {
  const today = now.toZonedDateTimeISO(timeZone).toPlainDate();
  const span = takeSpan(phrase);
  const midnight = phrase.take(/\bmidnight(?: tonight)?\b/);
  const named = takeNamedDay(phrase, today);
  const part = takePartOfDay(phrase);
  const numeric = takeNumericDate(phrase, today);
  const clock = takeMonthAndClock(phrase, today);
  const ordinal = takeOrdinal(phrase, today);
  const rest = phrase.rest();
  if (rest) throw new Unclear(`I do not understand ${quote(rest)} as a time. When exactly?`);

  const day = sameDay(named, numeric ?? clock.day ?? ordinal);
  if (midnight && (day || span)) {
    throw new Unclear("at the start of that day or at its end? Name the date and 00:00.");
  }
  if (midnight) return { day: { date: today.add({ days: 1 }) }, time: "00:00" };
  const time = clockTime(clock.time, part);
  if (!span && !day && !time) throw new Unclear("I see no time in that. When exactly?");
  return { span: span?.length, day: span && !span.from ? noDay(day) : day, time };
}

/** "in 3 hours" counts elapsed time, "two days" the wall clock; "at 18:00" overrides the hour. */
function combine({ span, day, time }: Parts, { now, timeZone }: Moment): Temporal.ZonedDateTime {
  const start = now.toZonedDateTimeISO(timeZone);
  if (span && !day) {
    if (span.minutes > 0 && time) throw new Unclear("That names a time twice. When exactly?");
    if (time) return wallClock(at(start.toPlainDate().add(span.days), time), timeZone);
    return daysLater(start, span.days).add({ minutes: span.minutes }).round("minute");
  }
  const date = (day?.date ?? start.toPlainDate()).add(span?.days ?? { days: 0 });
  const first = wallClock(at(date, time ?? dateAlone), timeZone);
  const passed = Temporal.Instant.compare(first.toInstant(), now) <= 0;
  return passed && day?.again && !span
    ? wallClock(at(date.add(day.again), time ?? dateAlone), timeZone)
    : first;
}

function daysLater(start: Temporal.ZonedDateTime, days: Temporal.DurationLike) {
  const later = start.toPlainDateTime().add(days);
  const unmoved = later.equals(start.toPlainDateTime());
  return unmoved ? start : wallClock(later, start.timeZoneId);
}

function takeSpan(phrase: Phrase): { readonly length: Span; readonly from: boolean } | undefined {
  const match = phrase.take(leadingDuration);
  if (!match?.[1]) return undefined;
  const days: Record<string, number> = { years: 0, months: 0, weeks: 0, days: 0 };
  let minutes = 0;
  for (const [, count, unit = ""] of match[1].matchAll(new RegExp(duration, "g"))) {
    const amount = Number(count);
    if (unit.startsWith("min")) minutes += amount;
    else if (unit.startsWith("h")) minutes += amount * 60;
    else if (!Number.isInteger(amount)) throw new Unclear("In how many whole days?");
    else {
      const name = unit.startsWith("d")
        ? "days"
        : unit.startsWith("w")
          ? "weeks"
          : unit.startsWith("m")
            ? "months"
            : "years";
      days[name] = (days[name] ?? 0) + amount;
    }
  }
  return { length: { days, minutes }, from: match.at(-1) !== undefined };
}

const weekday =
  /\b(?:(next|this|coming|following) )?(mon|tue|wed|thu|fri|sat|sun)(?:day|s|sday|nesday|r|rs|rsday|urday)?\b\.?/;

/** today, tomorrow, friday, next week, end of the month: a day by its name. */
function takeNamedDay(phrase: Phrase, today: Temporal.PlainDate): Day | undefined {
  const near = phrase.take(/\b(?:the )?(?:day after tomorrow|tomorrow|today)\b/)?.[0];
  if (near)
    return { date: today.add({ days: near.includes("after") ? 2 : near === "today" ? 0 : 1 }) };
  const end = phrase.take(/\b(?:the )?end of (?:the |this )*(next )?(week|month|year)\b/);
  if (end) return { date: endOf(end[2] ?? "", end[1] ? 1 : 0, today) };
  const nextWeek = phrase.take(/\bnext week\b/);
  const name = phrase.take(weekday);
  if (name)
    return namedWeekday(name[2] ?? "", nextWeek ? "next" : name[1], today, Boolean(nextWeek));
  if (nextWeek) return { date: today.add({ weeks: 1 }) };
  const next = phrase.take(/\bnext (month|year)\b/);
  return next && { date: today.add({ [`${next[1]}s`]: 1 }) };
}

function namedWeekday(
  name: string,
  which: string | undefined,
  today: Temporal.PlainDate,
  sure: boolean,
): Day {
  const wanted = weekdays.findIndex((day) => day.startsWith(name)) + 1;
  const coming = today.add({ days: (wanted - today.dayOfWeek + 7) % 7 });
  if (which !== "next") return which ? { date: coming } : { date: coming, again: { days: 7 } };
  const nextWeeks = today.add({ days: 7 - today.dayOfWeek + wanted });
  const alike = coming.equals(nextWeeks) || coming.equals(today);
  if (alike || sure) return { date: nextWeeks };
  throw new Unclear(`on ${dayName(coming)} or on ${dayName(nextWeeks)}?`);
}

function endOf(unit: string, ahead: number, today: Temporal.PlainDate): Temporal.PlainDate {
  if (unit === "week") throw new Unclear("On Friday or on Sunday?");
  const last = today.add({ [`${unit}s`]: ahead });
  return unit === "year" ? last.with({ month: 12, day: 31 }) : last.with({ day: last.daysInMonth });
}

function takePartOfDay(phrase: Phrase): string | undefined {
  for (const [pattern, time] of partsOfDay) if (phrase.take(pattern)) return time;
  return undefined;
}

/** 24.12.2026, 12/24, 2026/12/24; refused where day and month could be swapped. */
function takeNumericDate(phrase: Phrase, today: Temporal.PlainDate): Day | undefined {
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
function takeOrdinal(phrase: Phrase, today: Temporal.PlainDate): Day | undefined {
  const match = phrase.take(
    /\b(\d{1,2})(?:st|nd|rd|th)\b(?= *(?:$|at\b|of (?:this|the) month|\d{1,2}:|\d{1,2} ?[ap]m))(?: of (?:this|the) month)?/,
  );
  if (!match) return undefined;
  const day = Number(match[1]);
  const month = day < today.day ? today.add({ months: 1 }) : today;
  return { date: dateOf(month.year, month.month, day), again: { months: 1 } };
}

interface Clock {
  readonly hour: number;
  readonly minute: number;
  /** Said as 6pm or above 12, so that it is one hour of the day. */
  readonly certain: boolean;
}

/** What chrono reads of "dec 24th 2026 at 6 pm": its components, never its arithmetic. */
function takeMonthAndClock(phrase: Phrase, today: Temporal.PlainDate) {
  let day: Day | undefined;
  let time: Clock | undefined;
  for (const { start, end, text } of chrono().parse(phrase.text(), { instant: new Date(0) })) {
    const sure = (component: "year" | "month" | "day" | "hour" | "meridiem" | "timezoneOffset") =>
      start.isCertain(component);
    if (end || sure("timezoneOffset") || (sure("hour") && time) || (sure("day") && day)) continue;
    const [year, month, date] = [start.get("year"), start.get("month"), start.get("day")];
    if (sure("day") && month && date) {
      day =
        sure("year") && year ? { date: dateOf(year, month, date) } : comingDate(month, date, today);
    }
    const [hour, minute] = [start.get("hour"), start.get("minute")];
    if (sure("hour") && hour !== null && minute !== null) {
      time = { hour, minute, certain: sure("meridiem") || /\d:\d/.test(text) };
    }
    phrase.take(new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")));
  }
  return { day, time };
}

const load = createRequire(import.meta.url);

/** Loaded when the first words arrive: most runs never speak of a time, and it costs their start. */
function chrono() {
  return (load("chrono-node/en") as typeof import("chrono-node/en")).strict;
}

/** An hour from one to six that is not said to be in the morning is asked about. */
function clockTime(clock: Clock | undefined, part: string | undefined): string | undefined {
  if (!clock) return part;
  const { hour, minute, certain } = clock;
  if (!certain && !part && hour >= 1 && hour <= 6) {
    throw new Unclear(`${clockText(hour, minute)} or ${clockText(hour + 12, minute)}?`);
  }
  const inTheEvening = part !== undefined && part > "12:00" && hour < 12;
  return clockText(inTheEvening ? hour + 12 : hour, minute);
}

function clockText(hour: number, minute: number): string {
  return `${`${hour}`.padStart(2, "0")}:${`${minute}`.padStart(2, "0")}`;
}

/** The next such date, unless it has only just passed: then the year is asked for. */
function comingDate(month: number, day: number, today: Temporal.PlainDate): Day {
  const date = dateOf(today.year, month, day);
  if (Temporal.PlainDate.compare(date, today) >= 0) return { date };
  const next = dateOf(today.year + 1, month, day);
  if (Temporal.PlainDate.compare(next, today.add({ months: 6 })) <= 0) return { date: next };
  throw new Unclear(`${dayName(date)} has passed. In which year?`);
}

function sameDay(named: Day | undefined, dated: Day | undefined): Day | undefined {
  if (!named || !dated) return named ?? dated;
  const isNamed =
    named.date.equals(dated.date) || (named.again && named.date.dayOfWeek === dated.date.dayOfWeek);
  if (isNamed) return dated;
  throw new Unclear(`${dayName(dated.date)} is not that day. Which one is meant?`);
}

function noDay(day: Day | undefined): undefined {
  if (day) throw new Unclear("That names a day twice. When exactly?");
}

/** @throws RangeError for a date that does not exist. */
function dateOf(year: number, month: number, day: number): Temporal.PlainDate {
  return Temporal.PlainDate.from({ year, month, day }, { overflow: "reject" });
}

function at(date: Temporal.PlainDate, time: string): Temporal.PlainDateTime {
  return date.toPlainDateTime(Temporal.PlainTime.from(time));
}

/** An hour that a clock change skips or repeats there is no one instant, so it is asked about. */
function wallClock(dateTime: Temporal.PlainDateTime, timeZone: string): Temporal.ZonedDateTime {
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

function zoneName(at: Temporal.ZonedDateTime): string {
  for (const locale of ["en-GB", "en-US"]) {
    const parts = new Intl.DateTimeFormat(locale, {
      timeZone: at.timeZoneId,
      timeZoneName: "short",
    });
    const name = parts
      .formatToParts(at.epochMilliseconds)
      .find(({ type }) => type === "timeZoneName");
    if (name && !/^GMT[+-]/.test(name.value)) return name.value;
  }
  return at.offset === "+00:00" ? "UTC" : `UTC${at.offset}`;
}

function relative(at: Temporal.ZonedDateTime, now: Temporal.Instant): string {
  const minutes = Math.round(Math.abs(at.epochMilliseconds - now.epochMilliseconds) / 60_000);
  const today = now.toZonedDateTimeISO(at.timeZoneId).toPlainDate();
  const days = Math.abs(today.until(at.toPlainDate()).days);
  const [count, unit] =
    minutes < 120
      ? [minutes, "minute"]
      : minutes < 24 * 60
        ? [Math.round(minutes / 60), "hour"]
        : [days, "day"];
  const amount = `${count} ${unit}${count === 1 ? "" : "s"}`;
  if (minutes === 0) return "at this moment";
  return at.epochMilliseconds > now.epochMilliseconds ? `in ${amount}` : `${amount} ago`;
}

function dayName(date: Temporal.PlainDate): string {
  return `${capitalised(weekdays[date.dayOfWeek - 1] ?? "")} ${date.day} ${monthNames[date.month - 1]} ${date.year}`;
}

function capitalised(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

function quote(words: string): string {
  return `"${words.trim().slice(0, 60)}"`;
}
