import type { Clock } from "#src/clock.ts";
import type { Logger } from "#src/log.ts";
import { createTicker } from "#src/scheduler/ticker.ts";
import type { Database } from "#src/storage/database.ts";
import { forgetOld } from "#src/storage/retention.ts";

/** For how long what is over is kept: longer than anybody asks about it outside the audit log. */
const kept = { hours: 90 * 24 } as const;
/** Milliseconds from one look to the next: a day. */
const every = 86_400_000;

interface Deps {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Forgets each day what is old enough, and once at the start. */
export function keepTidy({ db, clock, log }: Deps): AsyncDisposable {
  const run = () => forgetOld(db, clock.now().subtract(kept).epochMilliseconds);
  const ticker = createTicker({ every, log, run });
  ticker.start();
  return { [Symbol.asyncDispose]: () => ticker.stop() };
}
