import { Temporal } from "temporal-polyfill";
import type { Deletion } from "./deletion.ts";

/** How late a deletion may still begin; after that a person has to say when. */
export const grace = { minutes: 30 } as const;
/** How long after the point of no return a destroy that never began may still begin. */
export const commitGrace = { minutes: 15 } as const;

/** When people are reminded: one day before, by the wall clock of whoever asked. */
export function reminderAt({
  dueAt,
  timeZone,
}: Pick<Deletion, "dueAt" | "timeZone">): Temporal.Instant {
  return dueAt.toZonedDateTimeISO(timeZone).subtract({ days: 1 }).toInstant();
}

/** Whether `now` is `duration` or more after `instant`. */
export function isPast(
  now: Temporal.Instant,
  instant: Temporal.Instant,
  duration: Temporal.DurationLike = { seconds: 0 },
): boolean {
  return Temporal.Instant.compare(now, instant.add(duration)) >= 0;
}

/** A quarter of a minute and double with each attempt, a quarter of an hour at most. */
export function retryAt(now: Temporal.Instant, attempts: number): Temporal.Instant {
  return now.add({ seconds: Math.min(15 * 2 ** attempts, 15 * 60) });
}

/** After as long again as it waits already, from a second to a quarter of a minute. */
export function soonAt(now: Temporal.Instant, waitsSince: Temporal.Instant): Temporal.Instant {
  const waited = waitsSince.until(now).total("seconds");
  return now.add({ seconds: Math.min(Math.max(Math.floor(waited), 1), 15) });
}
