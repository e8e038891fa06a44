import { type ActionExecutor, createActionExecutor } from "#src/actions/action-executor.ts";
import { createAssessRisks } from "#src/actions/assess-risks.ts";
import { createConfirmationStore } from "#src/actions/confirmation-store.ts";
import { createAgent } from "#src/agent/agent.ts";
import type { Model } from "#src/agent/model.ts";
import type { Prompt } from "#src/agent/prompt.ts";
import { createSessionStore } from "#src/agent/session-store.ts";
import { type AuditLog, createAuditLog } from "#src/audit/audit-log.ts";
import type { Clock } from "#src/clock.ts";
import { createDeletionStore } from "#src/deletions/deletion-store.ts";
import { installationOf } from "#src/deletions/installation.ts";
import { createHoldStore } from "#src/holds/hold-store.ts";
import { withHolds } from "#src/holds/with-holds.ts";
import { silentLogger } from "#src/log.ts";
import type { FileRule } from "#src/policy/file-rule.ts";
import { policyOf } from "#src/policy/judge.ts";
import { type PolicyDocument, simplestPolicy } from "#src/policy/policy-document.ts";
import type { Principal } from "#src/policy/principal.ts";
import { openDatabase } from "#src/storage/database.ts";
import { noLeases } from "#test/support/leases.ts";
import { createModelTools } from "#tools/index.ts";
import type { Observer } from "./observer.ts";
import { createPorts, type PortsState } from "./ports.ts";
import { approverRole, peopleOfRules, type Rights } from "./rights.ts";
import { observed } from "./schedule.ts";

/** What changes from run to run. */
export interface StackState extends PortsState {
  readonly observer: Observer;
  readonly clock: Clock;
  readonly people: ReadonlyMap<string, Principal>;
}

/** What only those need who look at what the model is told. */
interface Options {
  readonly prompt?: Prompt;
  readonly readsInventory?: boolean;
  /** What is not named by a person's own words is put to them. */
  readonly asksForUnnamed?: boolean;
}

const shortPrompt: Prompt = {
  instructions: "Be helpful.",
  lastTurn: "Answer now.",
  version: "prompt-1",
};
/** So often the database refuses an entry of the audit log. */
const auditFailure = 0.01;

/**
 * The program as it is wired, without a front end: all of it real but the model and the cluster.
 * It serves many runs one after another; `state` says which one it is now.
 */
export async function openStack(
  model: Model,
  state: () => StackState,
  { prompt = shortPrompt, readsInventory = false, asksForUnnamed = false }: Options = {},
) {
  const db = await openDatabase(":memory:");
  const clock: Clock = { now: () => state().clock.now() };
  const store = createDeletionStore(db, clock, installationOf("0badcafe").mintId);
  const confirmations = createConfirmationStore(db, clock);
  const audit = createAuditLog(db, clock);
  const ports = createPorts(state);
  const holds = createHoldStore(db, clock);
  const guests = withHolds(ports.guests, { holds, clock, log: silentLogger });
  const tools = createModelTools({
    ...ports,
    guests,
    holds,
    deletions: observed(store, () => state().observer),
    leases: noLeases,
    clock,
    preparation: { shutdownMinutes: 5, backup: { storage: "backup", days: 30 } },
    audit,
    preview: (call, context) => executor.preview(call, context),
    people: () => [...state().people.values()],
  });
  const escalations = { notNamed: asksForUnnamed };
  const risks = { read: async () => ({}) };
  const executor: ActionExecutor = createActionExecutor({
    tools,
    ...(asksForUnnamed && { assessRisks: createAssessRisks({ risks, guests }) }),
    // The roles are those of the run.
    policy: {
      evaluate: (request) =>
        policyOf({ ...documentOf(state().observer.truth.rights), escalations }).evaluate(request),
    },
    isApprover: ({ role }) => role === approverRole,
    confirmations,
    audit: unreliable(audit, state),
    clock,
    log: silentLogger,
  });
  const sessions = createSessionStore({ db, clock });
  const inventory = readsInventory ? (signal: AbortSignal) => ports.guests.list(signal) : undefined;
  const log = silentLogger;
  const agent = createAgent({ model, executor, sessions, prompt, inventory, clock, log });

  return {
    db,
    agent,
    executor,
    confirmations,
    audit,
    sessions,
    /** The audit log goes on: nothing can be removed from it. */
    async wipe() {
      for (const table of ["confirmation", "session_item", "deletion", "hold"] as const) {
        await db.deleteFrom(table).execute();
      }
    },
  };
}

const who = { users: [], groups: [], roles: peopleOfRules };

/** These rights, as a policy file would say them. */
function documentOf({ roles, others }: Rights): PolicyDocument {
  const rules = Object.entries(others).map(([tool, by]): FileRule => {
    return { who, do: [tool], verdict: by === "approver" ? "confirm-by-approver" : by };
  });
  return { ...simplestPolicy, roles, rules };
}

export type Stack = Awaited<ReturnType<typeof openStack>>;

function unreliable(audit: AuditLog, state: () => StackState): AuditLog {
  return {
    ...audit,
    async append(entry, admit) {
      const { random, observer } = state();
      if (random.chance(auditFailure)) {
        observer.truth.lostEntries += 1;
        throw new Error("The disk is full.");
      }
      const written = await audit.append(entry, admit);
      if (written) observer.audited(entry);
      return written;
    },
  };
}
