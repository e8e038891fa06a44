import { PublicError } from "#src/errors.ts";

/** What a wait may take, in milliseconds, and what is said when it takes longer. */
interface Limit {
  readonly time: number;
  readonly message: string;
}

/** A signal to work under, and waits that end even if the work ignores it. */
export interface TimeLimit {
  /** Aborts when a wait's time is up or, during a wait, with the outer signal. */
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
  const { signal } = controller;
  const abort = (message: string) => controller.abort(new PublicError(message));
  const stop = () => abort("The request was stopped before this ended.");

  return {
    signal,
    async wait({ time, message }, work) {
      if (outer.aborted) stop();
      signal.throwIfAborted();

      const abandoned = Promise.withResolvers<never>();
      let grace: NodeJS.Timeout | undefined;
      const startGrace = () => {
        grace = setTimeout(() => abandoned.reject(signal.reason), graceTime);
      };
      // Linked by hand: AbortSignal.any leaves its traces in an outer signal that lives long.
      outer.addEventListener("abort", stop, { once: true });
      signal.addEventListener("abort", startGrace, { once: true });
      const timer = setTimeout(abort, time, message);
      try {
        return await Promise.race([work(), abandoned.promise]);
      } finally {
        clearTimeout(timer);
        clearTimeout(grace);
        outer.removeEventListener("abort", stop);
        signal.removeEventListener("abort", startGrace);
      }
    },
  };
}
