import type { ThreadRef } from "#src/slack/threads.ts";

/** The runs that are under way, by the thread in which they can be stopped. */
export interface RunningThreads {
  /**
   * Calls `run` with a signal that aborts with the outer one, by {@link stop}, and by the function
   * that it is given.
   */
  enter<T>(
    thread: ThreadRef,
    outer: AbortSignal,
    run: (signal: AbortSignal, stop: () => void) => Promise<T>,
  ): Promise<T>;
  /** Whether there was anything to stop. */
  stop(thread: ThreadRef): boolean;
}

export function createRunningThreads(): RunningThreads {
  const running = new Map<string, Set<AbortController>>();
  const keyOf = ({ channel, threadTs }: ThreadRef) => `${channel}/${threadTs}`;

  return {
    async enter(thread, outer, run) {
      const key = keyOf(thread);
      const controller = new AbortController();
      const stop = () => controller.abort();
      const all = running.get(key) ?? new Set();
      running.set(key, all.add(controller));
      // Linked by hand: AbortSignal.any leaves its traces in an outer signal that lives long.
      outer.addEventListener("abort", stop, { once: true });
      if (outer.aborted) stop();
      try {
        return await run(controller.signal, stop);
      } finally {
        outer.removeEventListener("abort", stop);
        all.delete(controller);
        if (all.size === 0) running.delete(key);
      }
    },

    stop(thread) {
      const found = running.get(keyOf(thread));
      for (const controller of found ?? []) controller.abort();
      return found !== undefined;
    },
  };
}
