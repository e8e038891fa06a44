import { randomUUID } from "node:crypto";
import { type ActionExecutor, createActionExecutor } from "#src/actions/action-executor.ts";
import type { ConfirmationStore } from "#src/actions/confirmation-store.ts";
import type { AuditLog } from "#src/audit/audit-log.ts";
import type { Clock } from "#src/clock.ts";
import type { Config, DeletionsConfig } from "#src/config.ts";
import { createAftercareTools } from "#src/deletions/aftercare-tools.ts";
import { createCalendarSync } from "#src/deletions/calendar-sync.ts";
import { createCalendarSyncStore } from "#src/deletions/calendar-sync-store.ts";
import { deleteGuest } from "#src/deletions/delete-guest.ts";
import { createDeletionLoop, type DeletionLoop } from "#src/deletions/deletion-loop.ts";
import {
  createDeletionScheduler,
  type DeletionScheduler,
} from "#src/deletions/deletion-scheduler.ts";
import type { DeletionStore } from "#src/deletions/deletion-store.ts";
import { finishDeletion } from "#src/deletions/finish-deletion.ts";
import type { Installation } from "#src/deletions/installation.ts";
import { createPreparationTools } from "#src/deletions/preparation-tools.ts";
import { createLeaseActs } from "#src/leases/lease-acts.ts";
import { createLeaseKeeper, type LeaseKeeper } from "#src/leases/lease-keeper.ts";
import { createLeaseLoop } from "#src/leases/lease-loop.ts";
import { createLeaseStore } from "#src/leases/lease-store.ts";
import type { Logger } from "#src/log.ts";
import { createOutboxStore } from "#src/outbox/outbox-store.ts";
import type { Policy } from "#src/policy/policy.ts";
import type { PolicyDocument } from "#src/policy/policy-document.ts";
import type { Principal } from "#src/policy/principal.ts";
import type { Proxmox } from "#src/proxmox/proxmox.ts";
import { type ClockWatch, createClockWatch } from "#src/scheduler/clock-watch.ts";
import type { Database } from "#src/storage/database.ts";
import type { OpenCalendar } from "./calendar.ts";

/** What carries the schedule of deletions out. */
export interface Deletions {
  /** Carries out scheduled deletions, and nothing else; no model reaches it. */
  readonly executor: ActionExecutor;
  readonly scheduler: DeletionScheduler;
  /** Doubts the clock after it jumped, until the calendar was read again. */
  readonly watch: ClockWatch;
  /** Gives guests the ends that their leases have. */
  readonly leases: LeaseKeeper;
  /**
   * The schedule carried out by the clock, once it is started.
   *
   * @param isReachable whether a person who wants to stop a deletion could reach us now
   */
  loop(isReachable: () => boolean): DeletionLoop;
}

interface Deps {
  readonly config: Pick<Config, "deletions" | "timeZone">;
  readonly db: Database;
  readonly proxmox: Proxmox;
  readonly calendar: OpenCalendar;
  readonly installation: Installation;
  readonly deletions: DeletionStore;
  /** For carrying out deletions, and for nothing else. */
  readonly policy: Policy;
  /** The policy in force, and its people: leases go by them. */
  document(): PolicyDocument;
  people(): readonly Principal[];
  readonly confirmations: ConfirmationStore;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Wires together what carries deletions out: an executor and a policy of its own, and the clock. */
export function createDeletions(deps: Deps): Deletions {
  const { config, db, proxmox, deletions, installation, clock, log } = deps;
  const { calendar, clockOffset } = deps.calendar;
  const offsets = [proxmox.clockOffset, clockOffset];
  const watch = createClockWatch({ clock, offsets });
  let reachable = () => true;

  const world = {
    ...proxmox,
    calendar,
    outbox: createOutboxStore(db, clock),
    doubt: watch.doubt,
    isReachable: () => reachable(),
  };
  const settings = settingsOf(config.deletions);
  const parts = { ...world, deletions, settings, clock };
  const executor = createActionExecutor({
    tools: [
      ...createPreparationTools(parts),
      deleteGuest(parts),
      finishDeletion(parts),
      ...createAftercareTools(parts),
    ],
    policy: deps.policy,
    confirmations: deps.confirmations,
    audit: deps.audit,
    clock,
    log,
  });
  const owner = randomUUID();
  const sync = createCalendarSync({
    calendar,
    deletions,
    sync: createCalendarSyncStore(db, clock, calendar.id),
    installation,
    clock,
    log,
    owner,
    timeZone: config.timeZone,
  });
  const scheduler = createDeletionScheduler({ ...parts, executor, sync, log, owner });
  const leases = createLeaseKeeper({
    ...proxmox,
    policy: deps.document,
    people: deps.people,
    deletions,
    leases: createLeaseStore(db, clock),
    acts: createLeaseActs({
      deletions,
      audit: deps.audit,
      withoutBackup: settings.backup === undefined,
    }),
    outbox: world.outbox,
    doubt: watch.doubt,
    clock,
    log,
    timeZone: config.timeZone,
  });
  return {
    executor,
    scheduler,
    watch,
    leases,
    loop(isReachable) {
      reachable = isReachable;
      const { pollSeconds } = config.deletions;
      const schedule = createDeletionLoop({ scheduler, watch, pollSeconds, log });
      const ends = createLeaseLoop({ keeper: leases, log });
      return {
        start() {
          schedule.start();
          ends.start();
        },
        async stop() {
          await Promise.all([schedule.stop(), ends.stop()]);
        },
      };
    },
  };
}

function settingsOf(config: DeletionsConfig) {
  const { backupStorage: storage, backupRetentionDays: days } = config;
  return {
    preparationTime: { hours: config.preparationHours },
    backup: storage === undefined ? undefined : { storage, days },
    mark: config.mark,
    shutdownSeconds: config.shutdownMinutes * 60,
    limit: { count: config.perHour, within: { hours: 1 } },
  };
}
