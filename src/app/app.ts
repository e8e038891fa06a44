import { setTimeout as sleep } from "node:timers/promises";
import { type ActionExecutor, createActionExecutor } from "#src/actions/action-executor.ts";
import { createAssessRisks } from "#src/actions/assess-risks.ts";
import {
  type ConfirmationStore,
  createConfirmationStore,
} from "#src/actions/confirmation-store.ts";
import type { Tool } from "#src/actions/tool.ts";
import { type Agent, createAgent } from "#src/agent/agent.ts";
import type { ReadInventory } from "#src/agent/inventory.ts";
import { defaultLimits } from "#src/agent/limits.ts";
import { loadPrompt } from "#src/agent/prompt.ts";
import { createSessionStore } from "#src/agent/session-store.ts";
import { type AuditLog, createAuditLog } from "#src/audit/audit-log.ts";
import { redactedAuditLog } from "#src/audit/redacted-audit-log.ts";
import { type BrakeLever, createBrakeLever } from "#src/brake/brake-lever.ts";
import type { CalendarEditor } from "#src/calendar/local/local-calendar.ts";
import { type Clock, systemClock } from "#src/clock.ts";
import type { Config } from "#src/config.ts";
import { createDeletionStore, type DeletionStore } from "#src/deletions/deletion-store.ts";
import { openInstallation } from "#src/deletions/installation.ts";
import { createHoldStore } from "#src/holds/hold-store.ts";
import { createLeaseStore } from "#src/leases/lease-store.ts";
import { createLeases } from "#src/leases/leases.ts";
import type { Logger } from "#src/log.ts";
import { createOutboxStore } from "#src/outbox/outbox-store.ts";
import type { Principals } from "#src/policy/principal.ts";
import { isAmong } from "#src/policy/who.ts";
import type { Guests } from "#src/proxmox/guest.ts";
import type { GuestRisks } from "#src/proxmox/guest-risk.ts";
import { createRedactor } from "#src/redaction.ts";
import { type Database, openDatabase } from "#src/storage/database.ts";
import { createModelTools } from "#tools/index.ts";
import { watchAuditChain } from "./audit-chain.ts";
import { openCalendar } from "./calendar.ts";
import { openCluster, withHeldGuests } from "./cluster.ts";
import { createDeletions, type Deletions } from "./deletions.ts";
import { openModel } from "./model.ts";
import { type LivePolicy, openPolicy } from "./policy.ts";
import { policySource } from "./policy-file.ts";
import { keepTidy } from "./retention.ts";

/** The program without a front end. */
export interface App {
  readonly agent: Agent;
  readonly executor: ActionExecutor;
  /** What carries the schedule out; whoever runs the program starts its loop. */
  readonly schedule: Pick<Deletions, "scheduler" | "loop">;
  /** Our own calendar, to edit it by hand; absent where people have another. */
  readonly calendar?: CalendarEditor | undefined;
  readonly confirmations: ConfirmationStore;
  readonly deletions: DeletionStore;
  readonly audit: AuditLog;
  readonly principals: Principals;
  /** The policy in force, and the brake that stops every change. */
  readonly policy: LivePolicy;
  /** The brake as people use it, by their roles. */
  readonly brake: BrakeLever;
  readonly guests: Guests;
  readonly risks: GuestRisks;
  readonly clock: Clock;
  readonly db: Database;
  /** Waits for what is under way to end, then closes everything. */
  stop(): Promise<void>;
}

/** What a command or a test decides in the configuration's stead. */
export interface Overrides {
  readonly clock?: Clock | undefined;
  readonly seedFile?: string | undefined;
  readonly timeZone?: string | undefined;
  readonly pace?: number | undefined;
}

/**
 * Wires the program together.
 *
 * @throws PublicError when the policy file or the seed cannot be used.
 */
export async function createApp(
  config: Config,
  log: Logger,
  { clock = systemClock, seedFile, timeZone, pace }: Overrides = {},
): Promise<App> {
  await using opened = new AsyncDisposableStack();
  const redact = createRedactor(config.secrets);
  const db = opened.adopt(await openDatabase(config.databasePath, redact), (open) =>
    open.destroy(),
  );
  const cluster = opened.adopt(
    await openCluster({ config: config.proxmox, clock, log, seedFile, pace }),
    (open) => open.close(),
  );
  const holds = createHoldStore(db, clock);
  const { proxmox, doomed, sandboxUsers } = withHeldGuests(cluster, { holds, clock, log });
  const { guests, risks } = proxmox;

  const installation = await openInstallation(db);
  const calendar = await openCalendar({ config: config.calendar, db, clock, log, redact });
  const deletions = createDeletionStore(db, clock, installation.mintId);
  const preparation = preparationOf(config.deletions);
  const confirmations = createConfirmationStore(db, clock);
  const audit = redactedAuditLog(createAuditLog(db, clock), redact);
  const tools: readonly Tool[] = createModelTools({
    ...proxmox,
    holds,
    deletions,
    leases: createLeases({
      policy: () => policy.document(),
      people: () => principals.known,
      leases: createLeaseStore(db, clock),
      clock,
      timeZone: config.timeZone,
    }),
    clock,
    preparation,
    audit,
    preview: (call, context) => executor.preview(call, context),
    people: () => principals.known,
  });
  const door = { confirmations, audit, clock, log };
  const source = policySource({ config, sandboxUsers, tools, timeZone });
  const policy = opened.adopt(await openPolicy({ ...door, ...config, source, tools, db }), (open) =>
    open.close(),
  );
  const { principals } = policy;

  const roles = () => policy.document().roles;
  const executor = createActionExecutor({
    ...door,
    tools,
    assessRisks: createAssessRisks({ risks, guests }),
    policy: policy.policy,
    limits: () => policy.document().limits,
    isApprover: (principal) => isAmong(policy.document().approvers, principal),
  });
  const schedule = createDeletions({
    ...door,
    config,
    db,
    proxmox: doomed,
    calendar,
    installation,
    deletions,
    policy: policy.deletionPolicy,
    document: policy.document,
    people: () => principals.known,
  });

  const agent = createAgent({
    model: await openModel(config.model, clock, log, redact),
    executor,
    sessions: createSessionStore({ db, clock }),
    prompt: await loadPrompt(defaultLimits),
    inventory: inventoryOf(guests),
    clock,
    log,
  });

  opened.use(keepTidy({ db, clock, log }));
  opened.use(watchAuditChain({ audit, outbox: createOutboxStore(db, clock), clock, log }));
  opened.defer(() => drain([executor, schedule.executor], log));
  const running = opened.move();
  const stop = () => running.disposeAsync();
  const stores = { confirmations, deletions, audit };
  return {
    agent,
    executor,
    schedule,
    calendar: calendar.editor,
    ...stores,
    principals,
    policy,
    brake: createBrakeLever({ brake: policy.brake, audit, log, roles }),
    guests,
    risks,
    clock,
    db,
    stop,
  };
}

/** What a person is told of what happens before a deletion. */
function preparationOf({ backupStorage, ...config }: Config["deletions"]) {
  const { shutdownMinutes, backupRetentionDays: days } = config;
  const backup = backupStorage === undefined ? undefined : { storage: backupStorage, days };
  return { shutdownMinutes, backup };
}

/** How long the program's end waits for changes that are under way, in milliseconds. */
const drainTime = 30_000;

/** Lets changes end while the cluster and the database are still there. */
async function drain(executors: readonly ActionExecutor[], log: Logger): Promise<void> {
  const waiting = new AbortController();
  const ended = Promise.all(executors.map((executor) => executor.drained()));
  const late = sleep(drainTime, true, { signal: waiting.signal }).catch(() => false);
  const isLate = await Promise.race([ended.then(() => false), late]);
  waiting.abort();
  if (isLate) log.warn("ends before all changes have ended");
}

/** The inventory as the agent carries it along. */
function inventoryOf(guests: Pick<Guests, "list">): ReadInventory {
  return async (signal) => {
    const { guests: listed, nameless } = await guests.list(signal);
    if (nameless.length === 0) return { guests: listed };
    const note = `The names of ${nameless.join(", ")} are not known at the moment.`;
    return { guests: listed, note };
  };
}
