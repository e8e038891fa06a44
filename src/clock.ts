import { Temporal } from "temporal-polyfill";

/** Where the time comes from; whoever needs it takes a clock, so that a test can hold it still. */
export interface Clock {
  now(): Temporal.Instant;
}

/** The machine's own clock. */
export const systemClock: Clock = { now: () => Temporal.Now.instant() };

/** A clock that can be put forward; between that it goes as fast as the machine's. */
export interface AdjustableClock extends Clock {
  set(instant: Temporal.Instant): void;
}

/** A clock that reads `start` now and goes on from there. */
export function clockStartingAt(start: Temporal.Instant): AdjustableClock {
  let base = start;
  let setAt = performance.now();
  return {
    now: () => base.add({ milliseconds: Math.round(performance.now() - setAt) }),
    set(instant) {
      base = instant;
      setAt = performance.now();
    },
  };
}

/** Whether this names a time zone, such as Europe/Berlin. An offset does not: it knows no summer. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return /^[A-Za-z]/.test(name);
  } catch {
    return false;
  }
}
