import { Temporal } from "temporal-polyfill";

/** Where the time comes from; whoever needs it takes a clock, so that a test can hold it still. */
export interface Clock {
  now(): Temporal.Instant;
}

/** The machine's own clock. */
export const systemClock: Clock = { now: () => Temporal.Now.instant() };

/** A clock that reads `start` now and goes on from there, as fast as the machine's. */
export function clockStartingAt(start: Temporal.Instant): Clock {
  const startedAt = performance.now();
  return {
    now: () => start.add({ milliseconds: Math.round(performance.now() - startedAt) }),
  };
}
