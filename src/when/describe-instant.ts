import type { Temporal } from "temporal-polyfill";
import { capitalised, monthNames, weekdays } from "./calendar-names.ts";
import type { Moment } from "./moment.ts";

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

function zoneName(at: Temporal.ZonedDateTime): string {
  for (const format of formatsOf(at.timeZoneId)) {
    const name = format
      .formatToParts(at.epochMilliseconds)
      .find(({ type }) => type === "timeZoneName");
    if (name && !/^GMT[+-]/.test(name.value)) return name.value;
  }
  return at.offset === "+00:00" ? "UTC" : `UTC${at.offset}`;
}

const formats = new Map<string, readonly Intl.DateTimeFormat[]>();

/** Kept, because making one takes far longer than using it. */
function formatsOf(timeZone: string): readonly Intl.DateTimeFormat[] {
  const known = formats.get(timeZone);
  if (known) return known;
  const made = ["en-GB", "en-US"].map(
    (locale) => new Intl.DateTimeFormat(locale, { timeZone, timeZoneName: "short" }),
  );
  formats.set(timeZone, made);
  return made;
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
