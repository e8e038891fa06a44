import { Temporal } from "temporal-polyfill";
import { GoogleRefusal, invalid } from "./google-refusal.ts";

type Fields = Readonly<Record<string, unknown>>;

/** As PATCH does it: objects are merged, null removes, everything else takes the place of what was. */
export function deepMerge(old: unknown, change: unknown): Fields {
  const merged = new Map(Object.entries((old ?? {}) as Fields));
  for (const [name, value] of Object.entries((change ?? {}) as Fields)) {
    if (value === null) merged.delete(name);
    else merged.set(name, isObject(value) ? deepMerge(merged.get(name), value) : value);
  }
  return Object.fromEntries(merged);
}

/**
 * The event with its times as Google keeps them, to the second.
 *
 * @throws GoogleRefusal where Google takes no such event.
 */
export function checkTimes(event: Fields): Fields {
  const start = readTime(event.start);
  const end = readTime(event.end);
  if (start.kind !== end.kind)
    throw invalid("Start and end times must both be date or both be dateTime.");
  if (end.at <= start.at) {
    throw new GoogleRefusal(400, "timeRangeEmpty", "The specified time range is empty.");
  }
  return { ...event, start: start.kept, end: end.kept };
}

interface Time {
  readonly kind: "date" | "dateTime";
  /** Of a day, that in UTC; to compare with the other end only. */
  readonly at: number;
  readonly kept: Fields;
}

function readTime(time: unknown): Time {
  if (!isObject(time)) throw new GoogleRefusal(400, "required", "Missing end time.");
  const { date, dateTime, timeZone } = time;
  if (timeZone !== undefined && !isTimeZone(timeZone))
    throw invalid("Invalid time zone definition.");
  if (typeof date === typeof dateTime) throw invalid("Invalid start time.");
  try {
    if (typeof date === "string") {
      return { kind: "date", at: Date.parse(Temporal.PlainDate.from(date).toString()), kept: time };
    }
    const instant = Temporal.Instant.from(String(dateTime)).round({
      smallestUnit: "second",
      roundingMode: "floor",
    });
    const kept = { ...time, dateTime: instant.toString() };
    return { kind: "dateTime", at: instant.epochMilliseconds, kept };
  } catch {
    throw invalid("Invalid start time.");
  }
}

function isTimeZone(timeZone: unknown): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat("en", { timeZone: String(timeZone) }));
  } catch {
    return false;
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
