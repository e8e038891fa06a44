import { Temporal } from "temporal-polyfill";
import type { Moment } from "./moment.ts";
import { readPastDays } from "./past-days.ts";
import { normalise } from "./phrase.ts";

/** A stretch of time that has begun; a point in time is one without a length. */
export interface PastTime {
  readonly from: Temporal.Instant;
  /** Not included. */
  readonly to: Temporal.Instant;
}

type Reader = (words: string, moment: Moment) => PastTime | undefined;

/**
 * The time that words about the past mean: whole days as `readPastDays` knows them, the day's parts
 * ("this morning", "last night"), an hour of a day ("yesterday at 14:00"), "two hours ago", "the last
 * 24 hours", "now", and ISO 8601 times. Undefined for any other words.
 */
export function readPastTime(words: string, moment: Moment): PastTime | undefined {
  const text = words.trim();
  const plain = normalise(text).replace(
    /^(?:(?:since|from|until|till|in|during|within|the|on) )+/,
    "",
  );
  for (const read of readers) {
    const found = read(read === readIso ? text : plain, moment);
    if (found) return found;
  }
  return undefined;
}

const readers: readonly Reader[] = [
  readIso,
  readNow,
  readAgo,
  readLast,
  readPart,
  readHour,
  readDays,
];

function readIso(text: string, { timeZone }: Moment): PastTime | undefined {
  const [, local, offset] =
    /^(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?([Zz]|[+-]\d\d:?\d\d)?$/.exec(text) ??
    [];
  if (!local) return undefined;
  return orNone(() =>
    point(
      offset
        ? Temporal.Instant.from(`${local}${offset}`)
        : Temporal.PlainDateTime.from(local.toUpperCase()).toZonedDateTime(timeZone).toInstant(),
    ),
  );
}

function readNow(text: string, { now }: Moment): PastTime | undefined {
  return /^(?:right )?now$/.test(text) ? point(now) : undefined;
}

function readAgo(text: string, { now }: Moment): PastTime | undefined {
  const [, count, unit] = /^(\d{1,4}) (minute|hour)s? ago$/.exec(text) ?? [];
  return count ? point(now.subtract({ [`${unit}s`]: Number(count) })) : undefined;
}

/** "the last 3 days" count back from now; "last week" is the calendar's, and days are whole. */
function readLast(text: string, { now, timeZone }: Moment): PastTime | undefined {
  const [, some, one] =
    /^(?:last|past) (?:(\d{1,4} (?:minute|hour|day|week|month)s?)|(minute|hour|day))$/.exec(text) ??
    /^past ()(week|month)$/.exec(text) ??
    [];
  const [count = "1", unit = ""] = some ? some.split(" ") : ["1", one];
  if (!unit) return undefined;
  const back = { [`${unit.replace(/s$/, "")}s`]: Number(count) };
  return { from: now.toZonedDateTimeISO(timeZone).subtract(back).toInstant(), to: now };
}

const parts: Readonly<Record<string, readonly [from: number, hours: number]>> = {
  morning: [0, 12],
  afternoon: [12, 6],
  evening: [18, 6],
  night: [18, 12],
};

/** "this morning", "yesterday evening", "last night". */
function readPart(text: string, { now, timeZone }: Moment): PastTime | undefined {
  const [, day, part = ""] =
    /^(this|yesterday|last) (morning|afternoon|evening|night)$/.exec(text) ?? [];
  const [from, hours] = parts[part] ?? [];
  if (!day || from === undefined || hours === undefined) return undefined;
  const date = now.toZonedDateTimeISO(timeZone).toPlainDate();
  const plainTime = Temporal.PlainTime.from({ hour: from });
  const start = date
    .subtract({ days: day === "this" ? 0 : 1 })
    .toZonedDateTime({ timeZone, plainTime });
  return { from: start.toInstant(), to: start.add({ hours }).toInstant() };
}

/** "yesterday at 14:00", "14:00": a time on a day, or today. */
function readHour(text: string, moment: Moment): PastTime | undefined {
  const [, day = "", hour, minute = "00", half] =
    /^(?:(.+?),? )??(?:at )?(\d{1,2})(?::(\d\d))? ?([ap]m)?$/.exec(text) ?? [];
  if (hour === undefined || (half === undefined && !text.includes(":"))) return undefined;
  const days = readPastDays(day || "today", moment);
  if (!days?.first.equals(days.last)) return undefined;
  const twelve = half === "pm" ? 12 : 0;
  const hours = half ? (Number(hour) % 12) + twelve : Number(hour);
  return orNone(() => {
    const time = Temporal.PlainTime.from({ hour: hours, minute: Number(minute) }, strict);
    return point(
      days.first.toZonedDateTime({ timeZone: moment.timeZone, plainTime: time }).toInstant(),
    );
  });
}

const strict = { overflow: "reject" } as const;

function readDays(text: string, moment: Moment): PastTime | undefined {
  const days = readPastDays(text, moment);
  if (!days) return undefined;
  const { timeZone } = moment;
  return {
    from: days.first.toZonedDateTime(timeZone).toInstant(),
    to: days.last.add({ days: 1 }).toZonedDateTime(timeZone).toInstant(),
  };
}

function point(at: Temporal.Instant): PastTime {
  return { from: at, to: at };
}

/** A time that does not exist is none. */
function orNone(read: () => PastTime): PastTime | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
