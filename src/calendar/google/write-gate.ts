import { setTimeout as sleep } from "node:timers/promises";
import { Temporal } from "temporal-polyfill";
import type { Clock } from "#src/clock.ts";
import { errorOfKind } from "./google-errors.ts";

/** Through which every change passes before it is sent. */
export interface WriteGate {
  /**
   * Resolves when the change may be sent.
   *
   * @throws CalendarError `busy` when its turn is far off, `read-only` while the gate is closed; an
   *   abort throws its reason.
   */
  pass(signal: AbortSignal): Promise<void>;
  /** Lets nothing through for an hour. */
  close(): void;
}

/** Google counts 600 requests a minute and user, and a change is followed by a look at times. */
const writesPerSecond = 5;
/** Milliseconds; whoever would wait longer comes again. */
const patience = 10_000;
/** Google speaks of hours, and one try an hour does no harm. */
const closedFor = { hours: 1 };

/** @param pause waits for milliseconds; rejects when the signal aborts. */
export function createWriteGate(
  clock: Clock,
  pause: (ms: number, signal: AbortSignal) => Promise<unknown> = (ms, signal) =>
    sleep(ms, undefined, { signal }),
): WriteGate {
  let starts: readonly number[] = [];
  let closedUntil: Temporal.Instant | undefined;

  function nextStart(now: number): number {
    const [first = now] = starts;
    return starts.length < writesPerSecond ? now : Math.max(now, first + 1_000);
  }

  return {
    async pass(signal) {
      if (closedUntil && Temporal.Instant.compare(clock.now(), closedUntil) < 0) {
        throw errorOfKind("read-only");
      }
      const now = performance.now();
      const start = nextStart(now);
      if (start - now > patience) throw errorOfKind("busy");
      starts = [...starts, start].slice(-writesPerSecond);
      if (start === now) return;
      await pause(start - now, signal).catch((error) => {
        throw signal.aborted ? signal.reason : error;
      });
    },
    close() {
      closedUntil = clock.now().add(closedFor);
    },
  };
}
