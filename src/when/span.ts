import type { Temporal } from "temporal-polyfill";
import type { Phrase } from "./phrase.ts";
import { Unclear } from "./unclear.ts";

/** A stretch of time: days and longer go by the wall clock, minutes by elapsed time. */
export interface Span {
  readonly days: Temporal.DurationLike;
  readonly minutes: number;
}

const duration = /(\d+(?:\.5)?) ?(min(?:ute)?s?|h(?:ou)?rs?|h|days?|d|weeks?|w|months?|years?)\b/;

const unitNames: Readonly<Record<string, string>> = {
  d: "days",
  w: "weeks",
  m: "months",
  y: "years",
};

const leadingDuration = new RegExp(
  `^(?:in |after )?((?:${duration.source}(?:,? and |,? )?)+)(?:(from|after)(?! now| today)|(?:from )?(?:now|today|hence|time))?`,
);

/** Takes "2 days and 3 hours" off the front; `from` says that it counts from a day named next. */
export function takeSpan(
  phrase: Phrase,
): { readonly length: Span; readonly from: boolean } | undefined {
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
      const name = unitNames[unit[0] ?? ""] ?? "days";
      days[name] = (days[name] ?? 0) + amount;
    }
  }
  return { length: { days, minutes }, from: match.at(-1) !== undefined };
}
