import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { createLocalCalendar } from "#src/calendar/local/local-calendar.ts";
import { systemClock } from "#src/clock.ts";
import type { Deletion, DoomedGuest } from "#src/deletions/deletion.ts";
import { eventOf } from "#src/deletions/event-text.ts";
import { silentLogger } from "#src/log.ts";
import { createProxmox } from "#src/proxmox/proxmox.ts";
import { createProxmoxClient } from "#src/proxmox/proxmox-client.ts";
import { median, quantile, rounded } from "#test/bench/report.ts";
import type { ClusterMessage } from "./cluster-server.ts";
import { type BenchDatabase, openBenchDatabase, openSchedule, plan } from "./schedule.ts";

/** How long deletions wait from their time until they are taken up, in milliseconds. */
export interface Delays {
  readonly deletions: number;
  readonly p50: number;
  readonly p99: number;
  /** Until all of them were over, in seconds from the first one's time. */
  readonly allDoneAfter: number;
}

const signal = AbortSignal.timeout(1_800_000);
const second = 1_000;
/** What is planned has to be in the calendar before it is due. */
const lead = 20;

/** Deletions of stopped guests that are due one after another, half a second apart. */
export function measureSpread(count: number): Promise<Delays> {
  return carryOut(count, (index) => Math.floor(index / 2) * second);
}

/** Deletions that are due all at once. */
export function measureBurst(count: number): Promise<Delays> {
  return carryOut(count, () => 0);
}

async function carryOut(count: number, offset: (index: number) => number): Promise<Delays> {
  await using cluster = await startCluster(2 * count);
  await using database = await openBenchDatabase();
  const { db } = database;
  const guests = await cluster.stoppedGuests(count);
  const calendar = createLocalCalendar(db, systemClock);
  const firstAt = systemClock.now().add({ seconds: lead }).epochMilliseconds;
  const first = Math.ceil(firstAt / second) * second;
  const planned = await plan(database, guests, (index) =>
    systemClock.now().add({ milliseconds: first + offset(index) - Date.now() }),
  );
  for (const deletion of planned) await insertEvent(database, calendar, deletion);

  const delays = new Map<string, number>();
  const onClaim = ({ id, dueAt }: Deletion) => {
    const delay = Date.now() - dueAt.epochMilliseconds;
    if (!delays.has(id) && delay >= 0) delays.set(id, delay);
  };
  const { proxmox } = cluster;
  const loop = openSchedule(database, { calendar, proxmox }, onClaim).loop(() => true);
  loop.start();
  const over = await waitUntilOver(database, count);
  await loop.stop();
  const all = [...delays.values()];
  return {
    deletions: count,
    p50: rounded(median(all)),
    p99: rounded(quantile(all, 0.99)),
    allDoneAfter: rounded((over - first) / second),
  };
}

async function insertEvent(
  { db }: BenchDatabase,
  calendar: ReturnType<typeof createLocalCalendar>,
  deletion: Deletion,
): Promise<void> {
  const { etag } = await calendar.insert(eventOf(deletion), signal);
  await db
    .updateTable("deletion")
    .set({ event_etag: etag })
    .where("id", "=", deletion.id)
    .execute();
}

/** @returns when, in epoch milliseconds */
async function waitUntilOver({ db }: BenchDatabase, count: number): Promise<number> {
  for (;;) {
    const rows = await db
      .selectFrom("deletion")
      .select(["state", ({ fn }) => fn.countAll<number>().as("count")])
      .groupBy("state")
      .execute();
    const strange = rows.find(({ state }) => ["held", "failed", "cancelled"].includes(state));
    if (strange) throw new Error(`${strange.count} deletions are ${strange.state}.`);
    if (rows.some(({ state, count: done }) => state === "done" && done === count))
      return Date.now();
    await sleep(100);
  }
}

/** A cluster in a process of its own. */
async function startCluster(count: number) {
  const child = fork(new URL("cluster-server.ts", import.meta.url), [String(count)]);
  const [{ url, tokenId, tokenSecret }]: [ClusterMessage] = (await once(child, "message", {
    signal,
  })) as [ClusterMessage];
  const tls = { kind: "system" } as const;
  const client = createProxmoxClient({
    ...{ endpoints: [url], tokenId, tokenSecret, tls },
    log: silentLogger,
  });
  const proxmox = createProxmox({ client, clock: systemClock });
  return {
    proxmox,
    async stoppedGuests(wanted: number): Promise<readonly DoomedGuest[]> {
      const { guests } = await proxmox.guests.list(signal);
      const stopped = guests.filter(({ status }) => status === "stopped").slice(0, wanted);
      const found: DoomedGuest[] = [];
      for (const { vmid } of stopped) {
        const guest = await proxmox.guests.find(String(vmid), signal);
        const { kind, name, node, fingerprint } = guest;
        found.push({ vmid, kind, name, node, fingerprint });
      }
      return found;
    },
    async [Symbol.asyncDispose]() {
      await client.close();
      child.kill();
    },
  };
}
