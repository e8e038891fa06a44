import { type Acl, createAcl } from "./acl.ts";
import { type BackupQueue, createBackupQueue } from "./backup-queue.ts";
import { type Collector, createCollector } from "./collector.ts";
import { createGuestLocks, type GuestLocks } from "./guest-lock.ts";
import { createHa, type Ha } from "./ha.ts";
import { createPower, type Power } from "./power.ts";
import type { Seed } from "./seed.ts";
import { createTasks, type Tasks } from "./tasks.ts";
import { createWaits, type Waits } from "./waits.ts";
import { createWorld, type World } from "./world.ts";

/** One run of a simulated cluster: its state and what moves it. */
export interface Simulation {
  readonly world: World;
  readonly acl: Acl;
  readonly tasks: Tasks;
  readonly collector: Collector;
  readonly ha: Ha;
  readonly power: Power;
  readonly locks: GuestLocks;
  readonly backupQueue: BackupQueue;
  readonly waits: Waits;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

interface Options {
  readonly seed: Seed;
  readonly now: () => number;
  readonly pace: number;
  /** How long the HA manager takes to its next round, of the simulated world's time. */
  readonly haRoundMs: number;
}

/** A cluster as its seed describes it, without tokens. */
export function createSimulation({ seed, now, pace, haRoundMs }: Options): Simulation {
  const world = createWorld(seed, now());
  const waits = createWaits(pace);
  const tasks = createTasks({ waits, now });
  const acl = createAcl((path) => {
    const [, vmid] = /^\/vms\/(\d+)$/.exec(path) ?? [];
    return vmid === undefined ? undefined : world.guests.get(Number(vmid))?.pool;
  });
  const collector = createCollector(world, now);
  const ha = createHa({ world, tasks, waits, now, roundMs: haRoundMs });
  const [power, locks] = [createPower({ waits, now }), createGuestLocks()];
  const backupQueue = createBackupQueue();
  return { world, acl, tasks, collector, ha, power, locks, backupQueue, waits, now };
}
