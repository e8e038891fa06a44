import { createRequire } from "node:module";
import type { Temporal } from "temporal-polyfill";
import { comingDate, type Day, dateOf } from "./day.ts";
import type { Phrase } from "./phrase.ts";
import { Unclear } from "./unclear.ts";

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

interface Clock {
  readonly hour: number;
  readonly minute: number;
  /** Said as 6pm or above 12, so that it is one hour of the day. */
  readonly certain: boolean;
}

/** Takes "evening" and the like; answers with the hour it stands for. */
export function takePartOfDay(phrase: Phrase): string | undefined {
  for (const [pattern, time] of partsOfDay) if (phrase.take(pattern)) return time;
  return undefined;
}

/** What chrono reads of "dec 24th 2026 at 6 pm": its components, never its arithmetic. */
export function takeMonthAndClock(phrase: Phrase, today: Temporal.PlainDate) {
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
export function clockTime(clock: Clock | undefined, part: string | undefined): string | undefined {
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
