import type { Logger } from "#src/log.ts";
import type { ClockWatch } from "#src/scheduler/clock-watch.ts";
import { createTicker } from "#src/scheduler/ticker.ts";
import type { DeletionScheduler } from "./deletion-scheduler.ts";

/** Has the schedule carried out by the clock. */
export interface DeletionLoop {
  start(): void;
  /** Begins nothing any more, and ends what waits for Proxmox; the rows say how far each has come. */
  stop(): Promise<void>;
}

interface Options {
  readonly scheduler: DeletionScheduler;
  readonly watch: ClockWatch;
  /** How often the calendar is read, in seconds; each time a quarter more or less, by chance. */
  readonly pollSeconds: number;
  readonly log: Logger;
}

/** A deletion begins within two of these after its time. */
const tick = 1_000;
/** So soon the calendar is read again while the clock is in doubt, in milliseconds. */
const pollInDoubt = 5_000;
/** Google asks for it, so that many do not come at the same time. */
const jitter = 0.25;

/** No timer waits for a due time: each tick asks the database, which costs nothing. */
export function createDeletionLoop({ scheduler, watch, pollSeconds, log }: Options): DeletionLoop {
  const ending = new AbortController();
  const working = new Set<Promise<unknown>>();
  let nextPoll = 0;
  let wasInDoubt = false;

  function track(work: Promise<unknown>, what: string): void {
    const ended = work
      .catch((error: unknown) => log.error({ err: error }, `${what} failed`))
      .finally(() => working.delete(ended));
    working.add(ended);
  }

  /** After a sleep of the machine the calendar is read before anything else is done. */
  async function poll(): Promise<void> {
    const every = { seconds: Math.floor(pollSeconds * (1 - jitter)) };
    if (await scheduler.poll(watch.doubt() === undefined ? every : { seconds: 0 }, ending.signal)) {
      watch.settled();
    }
  }

  const ticker = createTicker({
    every: tick,
    log,
    async run() {
      const isInDoubt = watch.doubt() !== undefined;
      if ((isInDoubt && !wasInDoubt) || performance.now() >= nextPoll) {
        const factor = 1 - jitter + 2 * jitter * Math.random();
        nextPoll = performance.now() + (isInDoubt ? pollInDoubt : pollSeconds * 1_000 * factor);
        track(poll(), "reading the calendar");
      }
      wasInDoubt = isInDoubt;
      track(scheduler.tick(ending.signal), "a tick of the schedule");
    },
  });

  return {
    start: ticker.start,
    async stop() {
      await ticker.stop();
      ending.abort(new Error("The program ends."));
      await Promise.all(working);
    },
  };
}
