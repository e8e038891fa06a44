import type { Clock } from "#src/clock.ts";

/** Keeps requests away from a server that is down, and tries it again from time to time. */
export interface CircuitBreaker {
  /** Whether to try now. While open, one request at a time is let through once the time is up. */
  admits(): boolean;
  /** How an admitted request ended; `unknown` where that says nothing of the server. */
  record(outcome: "succeeded" | "failed" | "unknown"): void;
}

const failuresToOpen = 3;
/** Milliseconds within which the failures count together. */
const failureWindow = 60_000;
/** Milliseconds until it is tried again. */
const openTime = 60_000;

/** A breaker that opens after three failures within a minute, for a minute. */
export function createCircuitBreaker(clock: Clock): CircuitBreaker {
  let failures: readonly number[] = [];
  let openUntil: number | undefined;
  let probing = false;

  function fail(now: number): void {
    failures = [...failures.filter((at) => at > now - failureWindow), now];
    if (probing || failures.length >= failuresToOpen) openUntil = now + openTime;
  }

  return {
    admits() {
      if (openUntil === undefined) return true;
      if (probing || clock.now().epochMilliseconds < openUntil) return false;
      probing = true;
      return true;
    },
    record(outcome) {
      if (outcome === "failed") fail(clock.now().epochMilliseconds);
      if (outcome === "succeeded") {
        failures = [];
        openUntil = undefined;
      }
      probing = false;
    },
  };
}
