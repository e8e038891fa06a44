import type { Logger } from "#src/log.ts";

export interface Ticker {
  /** Begins to tick; the first tick comes at once. */
  start(): void;
  /** A tick out of turn: soon, and after the one under way. */
  hurry(): void;
  /** No tick begins any more; resolves when the one under way has ended. */
  stop(): Promise<void>;
}

interface Options {
  /** Milliseconds from one tick to the next. */
  readonly every: number;
  readonly log: Logger;
  /** What a tick does; a rejection is logged, and the next tick tries again. */
  run(): Promise<void>;
}

/** Does the same again and again, never twice at the same time. */
export function createTicker({ every, log, run }: Options): Ticker {
  let timer: NodeJS.Timeout | undefined;
  let current: Promise<void> | undefined;
  let again = false;
  let stopped = false;

  async function loop(): Promise<void> {
    do {
      again = false;
      await run().catch((error: unknown) => log.warn({ err: error }, "a tick failed"));
    } while (again && !stopped);
    current = undefined;
  }

  function hurry(): void {
    if (stopped) return;
    again = true;
    current ??= loop();
  }

  return {
    start() {
      timer ??= setInterval(hurry, every).unref();
      hurry();
    },
    hurry,
    async stop() {
      stopped = true;
      clearInterval(timer);
      await current;
    },
  };
}
