import { setTimeout as sleep } from "node:timers/promises";

interface RetryOptions {
  /** Milliseconds to wait before another attempt, or undefined to give up with `error`. */
  delayAfter(error: unknown, failures: number): number | undefined;
  readonly signal: AbortSignal;
}

/**
 * Attempts until one succeeds or `delayAfter` gives up; then the last error is thrown. The signal
 * cuts the waiting short; what an aborted attempt comes to is the attempt's own business.
 */
export async function retry<T>(
  attempt: () => Promise<T>,
  { delayAfter, signal }: RetryOptions,
): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await attempt();
    } catch (error) {
      const delay = delayAfter(error, failures);
      if (delay === undefined) throw error;
      await sleep(delay, undefined, { signal }).catch(() => {});
    }
  }
}

/** Somewhere between at once and twice as long as before, so that clients do not come in waves. */
export function fullJitter(failures: number, firstDelay: number, longestDelay: number): number {
  return Math.random() * Math.min(longestDelay, firstDelay * 2 ** (failures - 1));
}
