import { CompiledQuery } from "kysely";
import type { Database } from "#src/storage/database.ts";
import type { FakeCalendar } from "./fake-calendar.ts";
import type { FakeCluster } from "./fake-cluster.ts";
import type { Random } from "./random.ts";

const never = Number.POSITIVE_INFINITY;
const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

const deletionsQuery = CompiledQuery.raw(
  `select
    min(case when task_upid is null then max(next_at, lease_until) end) as soon,
    min(case when task_upid is not null then max(next_at, lease_until) end) as task
  from deletion where next_at is not null`,
);
const noticesQuery = CompiledQuery.raw(
  `select min(next_at) as soon from outbox where state in ('new', 'sending')`,
);

/** When a deletion wants attention; one that waits for a long task gets it more rarely here. */
export async function nextDeletion(
  db: Database,
  cluster: FakeCluster,
  now: number,
): Promise<number> {
  const { rows } = await db.executeQuery(deletionsQuery);
  const { soon, task } = rows[0] as { soon: number | null; task: number | null };
  if (task === null) return soon ?? never;
  const ends = [...cluster.tasks.values()]
    .filter(({ state }) => state.kind === "running")
    .map(({ endsAt }) => endsAt);
  const looked = Math.max(task, Math.min(now + 15 * minute, ...ends));
  return Math.min(soon ?? never, looked);
}

export async function nextNotice(db: Database): Promise<number> {
  const { rows } = await db.executeQuery(noticesQuery);
  return (rows[0] as { soon: number | null }).soon ?? never;
}

/** When the calendar is read next: mostly soon after it was changed, and at times much later. */
export interface Readings {
  next(): number;
  /** It has just been read, or could not be. */
  done(): void;
}

export function createReadings(
  calendar: FakeCalendar,
  random: Random,
  now: () => number,
): Readings {
  let known = calendar.sequence;
  let next = now();
  return {
    next() {
      if (calendar.sequence === known) return next;
      known = calendar.sequence;
      const delay = random.chance(0.7)
        ? random.spread(5 * second, 75 * second)
        : random.spread(75 * second, hour);
      next = Math.min(next, now() + delay);
      return next;
    },
    done() {
      known = calendar.sequence;
      next = now() + random.spread(30 * minute, 8 * hour);
    },
  };
}
