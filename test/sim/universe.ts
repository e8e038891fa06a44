import { createDeletionStore, type DeletionStore } from "#src/deletions/deletion-store.ts";
import { type Database, openDatabase } from "#src/storage/database.ts";
import { type Alarm, createAlarm } from "./alarm.ts";
import { createReadings, nextDeletion, nextNotice } from "./attention.ts";
import { createFakeCalendar, type FakeCalendar } from "./fake-calendar.ts";
import { createFakeCluster, type FakeCluster } from "./fake-cluster.ts";
import { createFakeSlack, type FakeSlack } from "./fake-slack.ts";
import { createJudge, type Judge } from "./invariants.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import type { Profile } from "./profile.ts";
import type { Random } from "./random.ts";
import { createSimulation, type Simulation } from "./simulation.ts";
import { witnessed } from "./witness.ts";

/** Of our installation; events of another begin with another. */
export const installationId = "00c0ffee";
export const startOfTime = Date.parse("2031-03-03T00:00:00Z");
const minute = 60_000;
const hour = 60 * minute;
export const preparationTime = 6 * hour;

/** All that there is in one run. */
export interface Universe {
  readonly simulation: Simulation;
  readonly profile: Profile;
  readonly db: Database;
  readonly deletions: DeletionStore;
  readonly calendar: FakeCalendar;
  readonly cluster: FakeCluster;
  readonly slack: FakeSlack;
  readonly ledger: Ledger;
  readonly judge: Judge;
  readonly alarms: Readonly<Record<"deletions" | "outbox" | "calendar", Alarm>>;
  readonly settings: ReturnType<typeof settingsOf>;
  isClockInDoubt: boolean;
}

/**
 * One database for all runs of a process: to wipe it takes less than to make another. The audit log
 * goes on, because it lets nobody remove anything; nothing here reads it.
 */
let database: Promise<Database> | undefined;

async function wipedDatabase(): Promise<Database> {
  database ??= openDatabase(":memory:");
  const db = await database;
  for (const table of ["deletion", "outbox", "calendar_sync"] as const) {
    await db.deleteFrom(table).execute();
  }
  return db;
}

/** A universe in which nothing has happened yet. */
export async function createUniverse(random: Random, profile: Profile): Promise<Universe> {
  const db = await wipedDatabase();
  const simulation = createSimulation(random.fork(), profile.faults, startOfTime);
  const { now, at, clock } = simulation;
  const calendar = createFakeCalendar({ random: random.fork(), now });
  const cluster = createFakeCluster({ random: random.fork(), rates: profile.cluster, now, at });
  const slack = createFakeSlack(simulation, profile);
  const ledger = createLedger(now);
  const { backup, mark, limit } = profile;
  const judge = createJudge({
    ledger,
    calendar,
    cluster,
    slack,
    rules: { preparationTime, backup, mark },
    now,
  });
  const store = createDeletionStore(db, clock, minter());
  const readings = createReadings(calendar, random.fork(), now);
  const alarms = {
    deletions: createAlarm(simulation, () => nextDeletion(db, cluster, now())),
    outbox: createAlarm(simulation, () => nextNotice(db)),
    calendar: createAlarm(simulation, readings.next),
  };
  simulation.onIo((name) => {
    if (/^(deletions|sync)\./.test(name)) alarms.deletions.stir();
    if (/^(deletions|sync|outbox)\./.test(name)) alarms.outbox.stir();
    if (name.startsWith("calendar.changes")) readings.done();
    if (name.startsWith("calendar.")) alarms.calendar.stir();
  });
  return {
    simulation,
    profile,
    db,
    deletions: witnessed(store, { ledger, calendar, judge, limit, now }),
    calendar,
    cluster,
    slack,
    ledger,
    judge,
    alarms,
    settings: settingsOf(profile),
    isClockInDoubt: false,
  };
}

function settingsOf({ backup, mark, limit }: Profile) {
  return {
    preparationTime: { milliseconds: preparationTime },
    backup: backup ? { storage: "backups", days: 2 } : undefined,
    mark,
    shutdownSeconds: 300,
    limit: { count: limit, within: { hours: 1 } },
  };
}

function minter(): () => string {
  let count = 0;
  return () => {
    count += 1;
    return `pve${installationId}${count.toString(16).padStart(32, "0")}`;
  };
}
