import { DelegateBackoff, handleWhen, retry, TimeoutStrategy, timeout } from "cockatiel";
import { isTransient } from "./google-errors.ts";
import { GoogleFailure } from "./google-failure.ts";

const retries = 2;
/** Milliseconds from the first try within which the last one begins. */
const within = 10_000;
const firstPause = 400;

/**
 * Tries up to three times, as long as the failures may pass by themselves, with random pauses in
 * between, or those that Google asks for. Ends at once when the signal aborts.
 *
 * @param timeoutMs how long one try takes at most.
 */
export function repeatRead<T>(
  attempt: (signal: AbortSignal) => Promise<T>,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<T> {
  const repeatUntil = performance.now() + within;
  const isWorthRepeating = (error: unknown) =>
    error instanceof GoogleFailure &&
    isTransient(error) &&
    performance.now() + (error.retryAfter ?? 0) < repeatUntil;
  const policy = retry(handleWhen(isWorthRepeating), {
    maxAttempts: retries,
    backoff: new DelegateBackoff(({ attempt: tries, result }) => {
      const error = "error" in result ? result.error : undefined;
      const asked = error instanceof GoogleFailure ? error.retryAfter : undefined;
      return asked ?? Math.random() * firstPause * 2 ** tries;
    }),
  });
  // The pauses know no abort, but this does; it is too long to end anything by itself.
  const whole = timeout(within + 2 * timeoutMs, TimeoutStrategy.Aggressive);
  return whole.execute(
    (outer) => policy.execute(() => attempt(outer.signal), outer.signal),
    signal,
  );
}
