import { Temporal } from "temporal-polyfill";
import { clockTime, takeMonthAndClock, takePartOfDay } from "./clock-time.ts";
import { type Day, noDay, sameDay, takeNamedDay, takeNumericDate, takeOrdinal } from "./day.ts";
import { describeInstant } from "./describe-instant.ts";
import type { Moment } from "./moment.ts";
import { createPhrase, normalise, type Phrase } from "./phrase.ts";
import { readShift, type Shift } from "./shift.ts";
import { type Span, takeSpan } from "./span.ts";
import { quote, Unclear } from "./unclear.ts";
import { at, wallClock } from "./wall-clock.ts";
import { takeZone } from "./zone.ts";

/** What a person's words about time mean: an instant, as soon as possible, or nothing certain. */
export type When =
  | { readonly kind: "at"; readonly at: Temporal.ZonedDateTime }
  /** As soon as it is confirmed. */
  | { readonly kind: "now" }
  /** Nothing was assumed: one sentence that says what is unclear and asks for it. */
  | { readonly kind: "question"; readonly question: string };

/** The hour of a date that is named alone. */
const dateAlone = "18:00";

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

/**
 * Reads a time: ISO 8601 with or without an offset, or everyday English such as "friday at 18:00",
 * "in two days", "dec 24th" or "end of the month". Days and weeks go by the wall clock, hours and
 * minutes by elapsed time. What could mean two things, has passed, or does not exist on that day
 * becomes a question, never a guess; nothing is thrown. "friday" is the coming one, "next friday"
 * that of next week.
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

function resolve(words: string, moment: Moment): When {
  const trimmed = words.trim();
  const iso = readIso(trimmed, moment.timeZone);
  if (iso) return future(iso, moment);

  const shift = moment.planned && readShift(trimmed);
  if (shift) return future(shifted(moment.planned, shift, moment.timeZone), moment);

  const { text, timeZone, offset } = takeZone(trimmed, moment.timeZone);
  const normal = normalise(text);
  if (nowWords.test(normal)) return { kind: "now" };
  for (const [pattern, question] of unclear) if (pattern.test(normal)) throw new Unclear(question);

  const here = { now: moment.now, timeZone };
  const at = combine(readParts(createPhrase(normal), here), here);
  if (offset && at.offset !== offset) {
    throw new Unclear(
      "that zone's clocks show another time then. Name a city, such as Europe/Berlin.",
    );
  }
  return future(at, moment);
}

function future(at: Temporal.ZonedDateTime, { now }: Moment): When {
  if (Temporal.Instant.compare(at.toInstant(), now) > 0) return { kind: "at", at };
  const described = describeInstant(at.toInstant(), { now, timeZone: at.timeZoneId });
  throw new Unclear(`that was ${described}. When should it be?`);
}

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

function shifted(
  planned: Temporal.Instant,
  { span: { days, minutes }, earlier }: Shift,
  timeZone: string,
): Temporal.ZonedDateTime {
  const sign = earlier ? -1 : 1;
  const length = Temporal.Duration.from(days);
  const start = planned.toZonedDateTimeISO(timeZone);
  return daysLater(start, earlier ? length.negated() : length).add({ minutes: sign * minutes });
}

/** What the words named; at least one of them, or it was no time. */
interface Parts {
  readonly span?: Span | undefined;
  readonly day?: Day | undefined;
  readonly time?: string | undefined;
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
