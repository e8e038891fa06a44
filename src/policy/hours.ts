import type { Temporal } from "temporal-polyfill";

/** The days of a week, Monday first, as Temporal counts them from 1. */
export const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Weekday = (typeof weekdays)[number];

/** Hours of the day, on some days or on all. */
export interface Hours {
  /** Minutes after midnight; from the later to the earlier goes through the night. */
  readonly from: number;
  readonly to: number;
  /** On which days they begin; absent for all. */
  readonly days?: readonly Weekday[] | undefined;
  readonly timeZone: string;
}

const minutesOfDay = 24 * 60;
export const wholeDay = { from: 0, to: minutesOfDay };

/** Whether an instant lies within. What began yesterday evening is yesterday's until it ends. */
export function isWithin({ from, to, days, timeZone }: Hours, instant: Temporal.Instant): boolean {
  const local = instant.toZonedDateTimeISO(timeZone);
  const minute = local.hour * 60 + local.minute;
  const throughNight = from > to;
  const sinceYesterday = throughNight && minute < to;
  const inside = throughNight ? minute >= from || minute < to : minute >= from && minute < to;
  const beganOn = sinceYesterday ? local.subtract({ days: 1 }) : local;
  const weekday = weekdays[beganOn.dayOfWeek - 1];
  return inside && (days === undefined || (weekday !== undefined && days.includes(weekday)));
}

/** `22:00-06:00`; undefined for anything else, and for no time at all. */
export function toHoursOfDay(text: string): Pick<Hours, "from" | "to"> | undefined {
  const [, from, to] = /^(\d\d:\d\d)\s*-\s*(\d\d:\d\d)$/.exec(text) ?? [];
  const hours = { from: toMinute(from), to: toMinute(to) };
  if (hours.from === undefined || hours.to === undefined || hours.from === hours.to)
    return undefined;
  return hours.from < minutesOfDay ? { from: hours.from, to: hours.to } : undefined;
}

/** Minutes after midnight; 24:00 is the day's end. */
function toMinute(text = ""): number | undefined {
  const [hour = NaN, minute = NaN] = text.split(":").map(Number);
  const total = hour * 60 + minute;
  return minute < 60 && total <= minutesOfDay ? total : undefined;
}
