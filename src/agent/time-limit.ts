import { PublicError } from "#src/errors.ts";

/** What a wait may take. Times are milliseconds. */
interface Limit {
  readonly time: number;
  /** Said to the work when its time is up, and thrown when it does not end then. */
  readonly message: string;
}

/** A signal to work under, and waits that end even if the work ignores it. */
export interface TimeLimit {
  /** Aborts with the outer signal, or when a limited wait runs out of time; its reason says which. */
  readonly signal: AbortSignal;
  /**
   * Waits for `work`.
   *
   * @throws PublicError when the signal was aborted and `work` has not settled within the grace
   *   time; what was begun may then still go on.
   */
  wait<T>(limit: Limit, work: () => Promise<T>): Promise<T>;
}

/** Limits waits that share one signal, such as planning a call and then carrying it out. */
export function createTimeLimit(outer: AbortSignal, graceTime: number): TimeLimit {
  const controller = new AbortController();
  const signal = AbortSignal.any([outer, controller.signal]);

  return {
    signal,
    async wait({ time, message }, work) {
      if (signal.aborted) throw reasonOf(signal);
      const abandoned = Promise.withResolvers<never>();
      let grace: NodeJS.Timeout | undefined;
      const startGrace = () => {
        grace = setTimeout(() => abandoned.reject(reasonOf(signal)), graceTime);
      };
      signal.addEventListener("abort", startGrace, { once: true });
      const timer = setTimeout(() => controller.abort(new PublicError(message)), time);
      try {
        return await Promise.race([work(), abandoned.promise]);
      } finally {
        clearTimeout(timer);
        clearTimeout(grace);
        signal.removeEventListener("abort", startGrace);
      }
    },
  };
}

function reasonOf({ reason }: AbortSignal): PublicError {
  return reason instanceof PublicError ? reason : new PublicError("The request was stopped.");
}
