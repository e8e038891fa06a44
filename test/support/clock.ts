import { Temporal } from "temporal-polyfill";
import type { Clock } from "#src/clock.ts";

/** A clock that stands still until a test moves it. */
export interface ManualClock extends Clock {
  advance(duration: Temporal.DurationLike): void;
}

/** A clock that reads `instant`, ISO 8601. */
export function clockAt(instant: string): ManualClock {
  let now = Temporal.Instant.from(instant);
  return {
    now: () => now,
    advance(duration) {
      now = now.add(duration);
    },
  };
}
