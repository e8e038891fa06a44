import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { createConfirmationStore } from "#src/actions/confirmation-store.ts";
import { createDeletions } from "#src/app/deletions.ts";
import { type AuditRecord, createAuditLog } from "#src/audit/audit-log.ts";
import { createLocalCalendar, type LocalCalendar } from "#src/calendar/local/local-calendar.ts";
import type { DeletionsConfig } from "#src/config.ts";
import type { Deletion, NewDeletion } from "#src/deletions/deletion.ts";
import { createDeletionStore, type DeletionStore } from "#src/deletions/deletion-store.ts";
import { installationOf } from "#src/deletions/installation.ts";
import { createHoldStore, type HoldStore } from "#src/holds/hold-store.ts";
import { withHolds } from "#src/holds/with-holds.ts";
import { createLeaseStore } from "#src/leases/lease-store.ts";
import { createLeases, type Leases } from "#src/leases/leases.ts";
import { silentLogger } from "#src/log.ts";
import { createOutboxStore } from "#src/outbox/outbox-store.ts";
import { deletionPolicyOf } from "#src/policy/deletion-rules.ts";
import type { LeaseRule } from "#src/policy/lease-rules.ts";
import { simplestPolicy } from "#src/policy/policy-document.ts";
import { createPrincipals } from "#src/policy/principal.ts";
import type { Proxmox } from "#src/proxmox/proxmox.ts";
import type { ClockWatch } from "#src/scheduler/clock-watch.ts";
import type { SeedInput } from "#src/simulator/seed.ts";
import type { SimulatorToken } from "#src/simulator/simulator.ts";
import { clockAt, type ManualClock } from "./clock.ts";
import { testDatabase } from "./database.ts";
import { aNewDeletion } from "./deletions.ts";
import { alice, bob, carol } from "./people.ts";
import { clientOf, proxmoxOf, signal } from "./proxmox.ts";
import { type RunningSimulator, startSimulator } from "./simulator.ts";

/** Two nodes, with a backup storage for both; a container that runs, and one more guest. */
const seed: SeedInput = {
  nodes: [{ name: "pve1" }, { name: "pve2" }],
  storages: [
    { id: "local", content: "rootdir,images" },
    { id: "backup", content: "backup" },
  ],
  guests: [
    { vmid: 103, kind: "lxc", name: "test-runner", node: "pve1", status: "running" },
    { vmid: 200, kind: "qemu", name: "vm1", node: "pve2", status: "stopped" },
  ],
};

const usual: DeletionsConfig = {
  pollSeconds: 60,
  backupStorage: "backup",
  backupRetentionDays: 30,
  perHour: 5,
  shutdownMinutes: 5,
  preparationHours: 6,
  mark: false,
};

/** More steps at one time than a deletion takes; what goes on after that is trying again. */
const maxRounds = 40;

/** All that carries deletions out, on a simulated cluster and the local calendar. */
export interface ScheduleWorld {
  readonly clock: ManualClock;
  readonly simulator: RunningSimulator;
  readonly proxmox: Proxmox;
  readonly calendar: LocalCalendar;
  readonly deletions: DeletionStore;
  /** The leases of the policy, to be changed by a test; none at first. */
  readonly policy: { leases: readonly LeaseRule[] };
  readonly leases: Leases;
  readonly watch: Pick<ClockWatch, "doubt">;
  /** Whether the token sees no guests any more. */
  readonly sight: { hidden: boolean };
  /** Looks at the leases once. */
  lookAtLeases(): Promise<void>;
  readonly holds: HoldStore;
  /** Whether a click would reach us, and a notice people. */
  readonly front: { reachable: boolean };
  /** Schedules the deletion of test-runner for friday, asked and confirmed by bob. */
  schedule(facts?: Partial<NewDeletion>): Promise<Deletion>;
  find(deletion: Pick<Deletion, "id">): Promise<Deletion>;
  /** Reads the calendar, carries out what is due, and says what is in the outbox. */
  tick(): Promise<void>;
  /** Ticks, a second each, until nothing happens any more. */
  settle(): Promise<void>;
  /** Puts the clock forward to that time, and lets happen what happens then. */
  goTo(instant: ReturnType<ManualClock["now"]>): Promise<void>;
  /** What people were told so far. */
  told(): Promise<readonly { readonly recipient: string; readonly message: string }[]>;
  audit(): Promise<readonly AuditRecord[]>;
}

/** @param caller whose token the program has: one with the sandbox's rights, root's, or another */
export async function aScheduleWorld(
  config: Partial<DeletionsConfig> = {},
  caller: "sandbox" | "root" | SimulatorToken = "sandbox",
): Promise<ScheduleWorld> {
  const clock = clockAt("2026-11-24T12:00:00Z");
  const db = await testDatabase();
  const simulator = await startSimulator(seed, { clock });
  const tokens = { root: simulator.root, sandbox: {} };
  const client = clientOf(simulator, typeof caller === "string" ? tokens[caller] : caller);
  onTestFinished(async () => {
    await client.close();
    await simulator.stop();
  });
  const ports = proxmoxOf(simulator, client);
  const holds = createHoldStore(db, clock);
  const sight = { hidden: false };
  const seen: Proxmox["guests"] = {
    ...ports.guests,
    // Read anew each time: what is kept for seconds is so by the machine's clock.
    async list(within) {
      const inventory = await proxmoxOf(simulator, client).guests.list(within);
      return sight.hidden ? { ...inventory, guests: [] } : inventory;
    },
  };
  const proxmox = {
    ...ports,
    guests: withHolds(seen, { holds, clock, log: silentLogger }),
  };
  const calendar = createLocalCalendar(db, clock);
  const installation = installationOf("0badcafe");
  const deletions = createDeletionStore(db, clock, installation.mintId);
  const audit = createAuditLog(db, clock);
  const outbox = createOutboxStore(db, clock);
  const front = { reachable: true };
  const policy = { leases: [] as readonly LeaseRule[] };
  const people = [alice, bob, carol];
  const {
    scheduler,
    watch,
    leases: keeper,
    loop,
  } = createDeletions({
    config: { deletions: { ...usual, ...config }, timeZone: "Europe/Berlin" },
    db,
    // The simulator's answers carry the machine's date, and not the test's.
    proxmox: { ...proxmox, clockOffset: () => undefined },
    calendar: { calendar, editor: calendar, clockOffset: () => undefined },
    installation,
    deletions,
    policy: deletionPolicyOf(
      simplestPolicy,
      createPrincipals(people, { role: "nobody", timeZone: "UTC" }),
    ),
    document: () => ({ ...simplestPolicy, ...policy }),
    people: () => people,
    confirmations: createConfirmationStore(db, clock),
    audit,
    clock,
    log: silentLogger,
  });
  loop(() => front.reachable);

  async function sayAll(): Promise<void> {
    if (!front.reachable) return;
    for (let found = await outbox.claim(); found; found = await outbox.claim()) {
      await outbox.markSent(found.key, "C1/1");
    }
  }

  async function tick(): Promise<void> {
    // As the loop does: a jump is noticed first, and settled by reading the calendar.
    watch.doubt();
    if (await scheduler.poll({ seconds: 0 }, signal)) watch.settled();
    await scheduler.tick(signal);
    await sayAll();
  }

  const rows = async () => JSON.stringify(await db.selectFrom("deletion").selectAll().execute());

  /** The simulator's tasks take real time; those that never end are not waited for. */
  async function tasksEnd(): Promise<void> {
    const end = performance.now() + 1_000;
    do await sleep(2);
    while (simulator.controls.isAtWork() && performance.now() < end);
  }

  async function settle(): Promise<void> {
    for (let calm = 0, round = 0, before = ""; calm < 3 && round < maxRounds; round += 1) {
      await tick();
      await tasksEnd();
      clock.advance({ seconds: 1 });
      const after = await rows();
      calm = after === before ? calm + 1 : 0;
      before = after;
    }
  }

  return {
    clock,
    simulator,
    proxmox,
    calendar,
    deletions,
    policy,
    leases: createLeases({
      policy: () => ({ ...simplestPolicy, ...policy }),
      people: () => people,
      leases: createLeaseStore(db, clock),
      clock,
      timeZone: "Europe/Berlin",
    }),
    watch,
    sight,
    holds,
    front,
    tick,
    lookAtLeases: () => keeper.look(signal),
    settle,
    async schedule(facts) {
      const { fingerprint } = await proxmox.guests.find("103", signal);
      const guest = { ...aNewDeletion().guest, fingerprint };
      const deletion = await deletions.schedule(
        aNewDeletion({ guest, confirmedBy: bob, ...facts }),
      );
      if (!deletion) throw new Error("Nothing was scheduled.");
      await settle();
      return deletion;
    },
    async find({ id }) {
      const found = await deletions.find(id);
      if (!found) throw new Error(`There is no deletion ${id}.`);
      return found;
    },
    async goTo(instant) {
      clock.advance(clock.now().until(instant));
      await settle();
    },
    async told() {
      const query = db.selectFrom("outbox").select(["recipient", "message"]);
      return query.where("state", "=", "sent").orderBy("created_at").orderBy("key").execute();
    },
    audit: () => audit.tail({ limit: 1000 }),
  };
}
