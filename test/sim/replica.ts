import { createActionExecutor } from "#src/actions/action-executor.ts";
import { createConfirmationStore } from "#src/actions/confirmation-store.ts";
import { createAuditLog } from "#src/audit/audit-log.ts";
import { createAftercareTools } from "#src/deletions/aftercare-tools.ts";
import { createCalendarSync } from "#src/deletions/calendar-sync.ts";
import { createCalendarSyncStore } from "#src/deletions/calendar-sync-store.ts";
import { deleteGuest } from "#src/deletions/delete-guest.ts";
import { createDeletionScheduler } from "#src/deletions/deletion-scheduler.ts";
import { finishDeletion } from "#src/deletions/finish-deletion.ts";
import { installationOf } from "#src/deletions/installation.ts";
import { createPreparationTools } from "#src/deletions/preparation-tools.ts";
import { silentLogger as log } from "#src/log.ts";
import { createOutboxSender } from "#src/outbox/outbox-sender.ts";
import { createOutboxStore } from "#src/outbox/outbox-store.ts";
import { createDeletionRules } from "#src/policy/deletion-rules.ts";
import { createPolicy } from "#src/policy/policy.ts";
import { calendarPort } from "./calendar-port.ts";
import { createClusterPorts } from "./cluster-ports.ts";
import { type Actor, throughIo } from "./simulation.ts";
import { installationId, type Universe } from "./universe.ts";

const second = 1_000;
const hour = 3_600_000;
/** How long a process that has crashed is down. */
const shortestOutage = 2 * second;
const longestOutage = 3 * hour;

/** Keeps one process running: when it crashes, another one of the same place starts later. */
export function keepRunning(universe: Universe, place: string, incarnation = 1): void {
  const { simulation } = universe;
  const actor: Actor = {
    name: `${place}${incarnation}`,
    isAlive: true,
    suspendedUntil: 0,
    onCrash() {
      const downtime = simulation.random.spread(shortestOutage, longestOutage);
      simulation.at(simulation.now() + downtime, () =>
        keepRunning(universe, place, incarnation + 1),
      );
    },
  };
  simulation.trace.note(simulation.now(), actor.name, "starts");
  run(universe, actor);
}

/** The program's own parts, as it wires them, each of whose awaits is one of the simulation's. */
function run(universe: Universe, actor: Actor): void {
  const { simulation, alarms } = universe;
  const { signal } = new AbortController();
  const { scheduler, sender } = wire(universe, actor);

  const note = (error: unknown) =>
    simulation.trace.note(simulation.now(), actor.name, `failed: ${String(error)}`);
  async function repeat(what: () => Promise<unknown>, wait: () => Promise<void>): Promise<void> {
    for (;;) {
      await wait();
      await what().catch(note);
    }
  }

  void repeat(
    // A tick may take long, and the next one does not wait for it.
    async () => void scheduler.tick(signal).catch(note),
    () => alarms.deletions.wait(actor, second),
  );
  void repeat(
    () => scheduler.poll({ seconds: 45 }, signal),
    () => alarms.calendar.wait(actor, 45 * second),
  );
  void repeat(
    () => sender.deliverDue(signal),
    () => alarms.outbox.wait(actor, second),
  );
}

function wire(universe: Universe, actor: Actor) {
  const { simulation, db, cluster, calendar, slack, ledger, judge, settings } = universe;
  const { clock, now } = simulation;
  const near = <T extends object>(store: T, name: string) =>
    throughIo(simulation, actor, store, name);

  const deletions = near(universe.deletions, "deletions");
  const outbox = near(createOutboxStore(db, clock), "outbox");
  const ports = createClusterPorts({
    simulation,
    actor,
    cluster,
    onDestroy: judge.destroyed,
    onStop: judge.stopped,
    onHistory: (vmid, uid) => ledger.histories.set(vmid, { uid, at: now() }),
  });
  const parts = {
    ...ports,
    calendar: calendarPort(simulation, actor, calendar),
    deletions,
    outbox,
    settings,
    clock,
    doubt: () => (universe.isClockInDoubt ? "the clock is wrong" : undefined),
    isReachable: () => !slack.isDown,
  };
  const executor = createActionExecutor({
    tools: [
      ...createPreparationTools(parts),
      deleteGuest(parts),
      finishDeletion(parts),
      ...createAftercareTools(parts),
    ],
    policy: createPolicy(
      createDeletionRules(({ principal: { id } }) =>
        ledger.revokedSince.has(id) ? `${id} may not delete guests any more.` : undefined,
      ),
    ),
    confirmations: createConfirmationStore(db, clock),
    audit: near(createAuditLog(db, clock), "audit"),
    clock,
    log,
  });
  const owner = actor.name;
  const sync = createCalendarSync({
    calendar: parts.calendar,
    deletions,
    sync: near(createCalendarSyncStore(db, clock, calendar.port.id), "sync"),
    installation: installationOf(installationId),
    clock,
    log,
    owner,
    timeZone: "UTC",
  });
  const scheduler = createDeletionScheduler({ ...parts, executor, sync, log, owner });
  const delivery = slack.deliveryOf(actor);
  return { scheduler, sender: createOutboxSender({ outbox, delivery, clock, log }) };
}
