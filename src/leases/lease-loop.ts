import type { Logger } from "#src/log.ts";
import { createTicker } from "#src/scheduler/ticker.ts";
import type { LeaseKeeper } from "./lease-keeper.ts";

/** Has the leases looked at by the clock. */
export interface LeaseLoop {
  start(): void;
  /** Looks no more, and ends a look that is under way. */
  stop(): Promise<void>;
}

interface Options {
  readonly keeper: LeaseKeeper;
  readonly log: Logger;
}

/** Milliseconds between two ticks; no timer of ours is longer. */
const tick = 60_000;
/** Every so many ticks the leases are looked at: a lease lasts days. */
const ticksPerLook = 10;
/** Milliseconds that a look may take. */
const patience = 5 * 60_000;

export function createLeaseLoop({ keeper, log }: Options): LeaseLoop {
  const ending = new AbortController();
  let ticks = 0;
  let lastFailure: string | undefined;

  async function look(): Promise<void> {
    try {
      await keeper.look(AbortSignal.any([ending.signal, AbortSignal.timeout(patience)]));
      lastFailure = undefined;
    } catch (error) {
      const failure = error instanceof Error ? error.message : String(error);
      if (ending.signal.aborted || failure === lastFailure) return;
      lastFailure = failure;
      log.warn({ err: error }, "the leases were not looked at");
    }
  }

  const ticker = createTicker({
    every: tick,
    log,
    async run() {
      const isDue = ticks % ticksPerLook === 0;
      ticks += 1;
      if (isDue) await look();
    },
  });

  return {
    start: ticker.start,
    async stop() {
      ending.abort(new Error("The program ends."));
      await ticker.stop();
    },
  };
}
