import type { ThreadRef } from "#src/slack/threads.ts";

/** The runs that are under way, by the thread in which they can be stopped. */
export interface RunningThreads {
  /** Calls `run` with the signal by which {@link stop} ends it. */
  enter<T>(
    thread: ThreadRef,
    run: (signal: AbortSignal, stop: () => void) => Promise<T>,
  ): Promise<T>;
  /** Whether there was anything to stop. */
  stop(thread: ThreadRef): boolean;
}

export function createRunningThreads(): RunningThreads {
  const running = new Map<string, Set<AbortController>>();
  const keyOf = ({ channel, threadTs }: ThreadRef) => `${channel}/${threadTs}`;

  return {
    async enter(thread, run) {
      const key = keyOf(thread);
      const controller = new AbortController();
      const others = running.get(key) ?? new Set();
      running.set(key, others.add(controller));
      try {
        return await run(controller.signal, () => controller.abort());
      } finally {
        others.delete(controller);
        if (others.size === 0) running.delete(key);
      }
    },

    stop(thread) {
      const found = running.get(keyOf(thread));
      for (const controller of found ?? []) controller.abort();
      return found !== undefined;
    },
  };
}
