import { fork } from "node:child_process";
import { once } from "node:events";
import { createGoogleCalendar } from "#src/calendar/google/google-calendar.ts";
import { systemClock } from "#src/clock.ts";
import { silentLogger } from "#src/log.ts";
import { createProxmox } from "#src/proxmox/proxmox.ts";
import { createProxmoxClient } from "#src/proxmox/proxmox-client.ts";
import { median, quantile, rounded } from "#test/bench/report.ts";
import type { GoogleCommand, GoogleMessage } from "./google-server.ts";
import { openBenchDatabase, openSchedule, plan } from "./schedule.ts";

/** What something costs each time: milliseconds, and of CPU in this process. */
export interface Cost {
  readonly p50: number;
  readonly p99: number;
  readonly cpu: number;
}

/** What a schedule costs on which nothing happens. */
export interface IdleCosts {
  readonly schedules: number;
  /** A look for what wants attention. */
  readonly tick: Cost;
  /** A look for what people changed in the calendar, where nothing was changed. */
  readonly poll: Cost;
  /** The same where ten events were. */
  readonly pollOfTen: Cost;
  /** What a plain poll does each time: all events are listed. */
  readonly listing: Cost;
}

const signal = AbortSignal.timeout(1_800_000);
const inAMonth = systemClock.now().add({ hours: 30 * 24 });

/** Measures a schedule of that many deletions in a Google calendar. */
export async function measureIdle(schedules: number): Promise<IdleCosts> {
  using google = await startGoogle();
  await using database = await openBenchDatabase();
  const guests = Array.from({ length: schedules }, (_, index) => ({
    ...({ vmid: 100 + index, kind: "ct", name: `guest-${index}`, node: "pve1" } as const),
    fingerprint: `fp-${index}`,
  }));
  const planned = await plan(database, guests, () => inAMonth);
  const ids = planned.map(({ id }) => id);
  await google.tell({ add: ids, startsAt: inAMonth.round("second").toString() });

  const { scheduler } = openSchedule(database, { calendar: google.calendar, proxmox: nobody() });
  const poll = async () => {
    if (!(await scheduler.poll({ seconds: 0 }, signal))) throw new Error("It was not read.");
  };
  await poll();
  const tenths = Array.from({ length: 10 }, (_, index) => ids[index * 5] ?? "");
  return {
    schedules,
    tick: await measure(500, () => scheduler.tick(signal)),
    poll: await measure(100, poll),
    pollOfTen: await measure(50, poll, () => google.tell({ touch: tenths })),
    listing: await measure(schedules > 1_000 ? 5 : 50, () =>
      google.calendar.changes(undefined, signal),
    ),
  };
}

/** A calendar in a process of its own. */
async function startGoogle() {
  const child = fork(new URL("google-server.ts", import.meta.url));
  const next = async () => (await once(child, "message", { signal }))[0] as GoogleMessage;
  const place = await next();
  if ("done" in place) throw new Error("The calendar did not say where it is.");
  return {
    calendar: createGoogleCalendar({ ...place, log: silentLogger }),
    async tell(command: GoogleCommand) {
      const answer = next();
      child.send(command);
      await answer;
    },
    [Symbol.dispose]: () => void child.kill(),
  };
}

/** A cluster that nobody asks: nothing is due. */
function nobody() {
  const server = { endpoints: ["http://127.0.0.1:9"], tokenId: "a@pve!b", tokenSecret: "none" };
  const client = createProxmoxClient({ ...server, tls: { kind: "system" } });
  return createProxmox({ client, clock: systemClock });
}

async function measure(
  times: number,
  act: () => Promise<unknown>,
  prepare: () => Promise<void> = async () => {},
): Promise<Cost> {
  const walls: number[] = [];
  let cpu = 0;
  // The first rounds are not counted: code that runs all the time has been compiled.
  for (let round = -Math.min(times, 20); round < times; round += 1) {
    await prepare();
    const before = process.cpuUsage();
    const startedAt = performance.now();
    await act();
    if (round < 0) continue;
    walls.push(performance.now() - startedAt);
    const { user, system } = process.cpuUsage(before);
    cpu += (user + system) / 1000;
  }
  return {
    p50: rounded(median(walls)),
    p99: rounded(quantile(walls, 0.99)),
    cpu: rounded(cpu / times),
  };
}
