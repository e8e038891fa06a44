import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "kysely";
import { z } from "zod";
import { createAuditLog } from "#src/audit/audit-log.ts";
import { systemClock } from "#src/clock.ts";
import type { SeedInput } from "#src/simulator/seed.ts";
import { type Database, openDatabase } from "#src/storage/database.ts";
import { createRandom, type Random } from "#test/sim/random.ts";
import {
  type OutsideWorld,
  scheduleDeletions,
  startOutsideWorld,
} from "#test/support/outside-world.ts";
import {
  type Administrator,
  clusterNodes,
  nameOf,
  nodeOf,
  startAdministrator,
} from "./administrator.ts";
import { type Replica, startReplica } from "./replica.ts";

interface KillOptions {
  readonly deletions: number;
  /** The most rounds in which processes are killed; after that they may finish. */
  readonly rounds: number;
  readonly seed: number;
  /** How long the end may take to come when nobody kills any more, in seconds. */
  readonly patience: number;
  readonly say?: (line: string) => void;
}

/** What is left when everybody has come to rest. */
export interface KillReport {
  readonly deletions: number;
  readonly kills: number;
  /** Deletions that ended well, their guest destroyed once. */
  readonly destroyedOnce: number;
  readonly destroyedTwice: number;
  readonly notDestroyed: number;
  /** VMIDs that another guest took, and how many of those guests were destroyed. */
  readonly reused: number;
  readonly wrong: number;
  /** Deletions whose row says something else than that they are done. */
  readonly notDone: readonly string[];
  /** Events of deletions that are over. */
  readonly eventsLeft: number;
  /** Notices that were never said, or more than once. */
  readonly unsaid: number;
  readonly duplicates: number;
  readonly integrity: string;
  readonly auditIntact: boolean;
  readonly seconds: number;
}

/** Whether anything is as it must not be. A notice may be said twice by a crash in the wrong moment. */
export function isViolated(report: KillReport): boolean {
  const { deletions, destroyedOnce, destroyedTwice, wrong, notDone, eventsLeft, unsaid } = report;
  const amiss = destroyedTwice + wrong + notDone.length + eventsLeft + unsaid;
  const isSound = report.integrity === "ok" && report.auditIntact;
  return amiss > 0 || destroyedOnce !== deletions || !isSound;
}

const firstVmid = 1000;

/**
 * Two processes of the real program on one database carry out deletions that are all due at once,
 * and are killed again and again while they do, one at a time or both together.
 */
export async function runKills(options: KillOptions): Promise<KillReport> {
  const startedAt = performance.now();
  const random = createRandom(options.seed);
  const vmids = Array.from({ length: options.deletions }, (_, index) => firstVmid + index);
  const reused = sample(vmids, random);
  await using world = await startOutsideWorld(seedOf(vmids));
  await using opened = new AsyncDisposableStack();
  const db = opened.adopt(await openDatabase(join(world.folder, "agent.db")), (it) => it.destroy());
  const wishes = vmids.map((vmid) => ({ vmid, inSeconds: 3, withoutBackup: vmid % 2 === 0 }));
  await scheduleDeletions(world, db, wishes);

  const administrator = startAdministrator(world.simulator, reused);
  opened.defer(() => administrator.stop());
  const kills = await carryOutAndKill(world, db, random, options);
  await administrator.stop();
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
  return { ...(await examine(world, db, administrator, vmids)), kills, seconds };
}

/** Three of ten, whichever they are. */
function sample(vmids: readonly number[], random: Random): readonly number[] {
  const shuffled = vmids.map((vmid) => ({ vmid, at: random.next() })).sort((a, b) => a.at - b.at);
  return shuffled.slice(0, Math.ceil(vmids.length * 0.3)).map(({ vmid }) => vmid);
}

function seedOf(vmids: readonly number[]): SeedInput {
  return {
    nodes: clusterNodes,
    storages: [{ id: "local", content: "rootdir,images,backup" }],
    guests: vmids.map((vmid) => ({
      vmid,
      kind: vmid % 5 === 0 ? "qemu" : "lxc",
      name: nameOf(vmid),
      node: nodeOf(vmid),
      status: vmid % 3 === 0 ? "running" : "stopped",
    })),
  };
}

/** @returns how many processes were killed */
async function carryOutAndKill(
  world: OutsideWorld,
  db: Database,
  random: Random,
  { rounds, patience, say }: KillOptions,
): Promise<number> {
  const env = { ...world.env(), BACKUP_STORAGE: "local" };
  const start = () => startReplica(env, world.folder);
  let kills = 0;
  const replicas: [Replica, Replica] = [start(), start()];
  try {
    for (let round = 1; round <= rounds && (await countOpen(db)) > 0; round += 1) {
      await Promise.all(replicas.map(({ ready }) => ready));
      await sleep(random.spread(50, 3_000));
      const index = random.between(0, 1);
      const victims = random.chance(0.5) ? [0, 1] : [index];
      await Promise.all(victims.map((victim) => replicas[victim]?.kill()));
      kills += victims.length;
      if (victims.length === 2) await letLeasesEnd(db);
      for (const victim of victims) replicas[victim] = start();
      say?.(`round ${round}: ${kills} kills, ${await countOpen(db)} deletions open`);
    }
    await Promise.all(replicas.map(({ kill }) => kill()));
    await letLeasesEnd(db);
    replicas[0] = start();
    replicas[1] = start();
    await comeToRest(world, db, patience);
    return kills + 2;
  } finally {
    await Promise.all(replicas.map(({ kill }) => kill()));
  }
}

async function countOpen(db: Database): Promise<number> {
  const { open } = await db
    .selectFrom("deletion")
    .select(({ fn }) => fn.countAll<number>().as("open"))
    .where("state", "not in", ["done", "failed", "cancelled", "held"])
    .executeTakeFirstOrThrow();
  return open;
}

/** Five minutes pass in which nobody is there. */
async function letLeasesEnd(db: Database): Promise<void> {
  const now = Date.now();
  await db
    .updateTable("deletion")
    .set({ lease_until: 0, next_at: now })
    .where("next_at", "is not", null)
    .execute();
  await db.updateTable("calendar_sync").set({ lease_until: 0 }).execute();
  await db.updateTable("outbox").set({ next_at: now }).where("state", "!=", "sent").execute();
}

/** Waits until nothing is left to do and everything was said, or patience ends. */
async function comeToRest(world: OutsideWorld, db: Database, patience: number): Promise<void> {
  for (const end = performance.now() + patience * 1000; performance.now() < end; ) {
    const isOver = (await countOpen(db)) === 0 && eventsIn(world) === 0;
    if (isOver && (await countUnsaid(db)) === 0) return;
    await sleep(200);
  }
}

function eventsIn({ google }: OutsideWorld): number {
  return [...google.calendar.events.values()].filter(({ status }) => status === "confirmed").length;
}

async function countUnsaid(db: Database): Promise<number> {
  const { unsaid } = await db
    .selectFrom("outbox")
    .select(({ fn }) => fn.countAll<number>().as("unsaid"))
    .where("state", "!=", "sent")
    .executeTakeFirstOrThrow();
  return unsaid;
}

async function examine(
  world: OutsideWorld,
  db: Database,
  administrator: Administrator,
  vmids: readonly number[],
): Promise<Omit<KillReport, "kills" | "seconds">> {
  const destroyed = await administrator.destroyed();
  const used = await administrator.used();
  const times = (vmid: number) => destroyed.get(vmid) ?? 0;
  const taken = administrator.taken();
  const rows = await db
    .selectFrom("deletion")
    .select(["id", "state", "reason", "attempts"])
    .where("state", "!=", "done")
    .execute();
  const { rows: checks } = await sql<{ integrity_check: string }>`pragma integrity_check`.execute(
    db,
  );
  return {
    deletions: vmids.length,
    destroyedOnce: vmids.filter((vmid) => times(vmid) === 1).length,
    destroyedTwice: vmids.filter((vmid) => times(vmid) > 1).length,
    notDestroyed: vmids.filter((vmid) => times(vmid) === 0).length,
    reused: taken.size,
    wrong: [...taken].filter((vmid) => !used.has(vmid)).length,
    notDone: rows.map(({ id, state, reason }) => `${id} ${state}: ${reason}`),
    eventsLeft: eventsIn(world),
    unsaid: await countUnsaid(db),
    duplicates: duplicatesIn(world),
    integrity: checks.map(({ integrity_check: result }) => result).join("; "),
    auditIntact: (await createAuditLog(db, systemClock).verify()).ok,
  };
}

const metadataSchema = z.object({ event_payload: z.object({ key: z.string() }) });

/** Notices that stand in the workspace more than once, by their keys. */
function duplicatesIn({ slack }: OutsideWorld): number {
  const marked = slack.messages().map(({ metadata }) => metadataSchema.safeParse(metadata).data);
  const keys = marked.flatMap((found) => found?.event_payload.key ?? []);
  return keys.length - new Set(keys).size;
}
