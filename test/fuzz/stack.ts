import { type ActionExecutor, createActionExecutor } from "#src/actions/action-executor.ts";
import { createAssessRisks } from "#src/actions/assess-risks.ts";
import {
  type ConfirmationStore,
  createConfirmationStore,
} from "#src/actions/confirmation-store.ts";
import { createAgent } from "#src/agent/agent.ts";
import type { Model } from "#src/agent/model.ts";
import type { Prompt } from "#src/agent/prompt.ts";
import { createSessionStore } from "#src/agent/session-store.ts";
import { usageReader } from "#src/app/policy-usage.ts";
import { type AuditLog, createAuditLog } from "#src/audit/audit-log.ts";
import { createBrake } from "#src/brake/brake.ts";
import { createBrakeLever } from "#src/brake/brake-lever.ts";
import { braked } from "#src/brake/braked.ts";
import type { Clock } from "#src/clock.ts";
import { createDeletionStore } from "#src/deletions/deletion-store.ts";
import { installationOf } from "#src/deletions/installation.ts";
import { createHoldStore } from "#src/holds/hold-store.ts";
import { withHolds } from "#src/holds/with-holds.ts";
import { silentLogger } from "#src/log.ts";
import type { FileRule } from "#src/policy/file-rule.ts";
import { policyOf } from "#src/policy/judge.ts";
import type { Policy } from "#src/policy/policy.ts";
import { type PolicyDocument, simplestPolicy } from "#src/policy/policy-document.ts";
import type { Principal } from "#src/policy/principal.ts";
import { openDatabase } from "#src/storage/database.ts";
import { noLeases } from "#test/support/leases.ts";
import { createModelTools } from "#tools/index.ts";
import { lag } from "./chance.ts";
import { nextMoment, type Observer } from "./observer.ts";
import { createPorts, type PortsState } from "./ports.ts";
import { approverRole, peopleOfRules, type Rights } from "./rights.ts";
import { observed, observedHolds } from "./schedule.ts";

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
  { prompt = shortPrompt, readsInventory = false }: Options = {},
) {
  const db = await openDatabase(":memory:");
  const clock: Clock = { now: () => state().clock.now() };
  const store = createDeletionStore(db, clock, installationOf("0badcafe").mintId);
  const confirmations = lagging(createConfirmationStore(db, clock), state);
  const audit = createAuditLog(db, clock);
  const ports = createPorts(state);
  const holds = observedHolds(createHoldStore(db, clock), () => state().observer);
  const guests = withHolds(ports.guests, { holds, clock, log: silentLogger });
  const tools = createModelTools({
    ...ports,
    guests,
    holds,
    leases: noLeases,
    deletions: observed(store, () => state().observer),
    clock,
    preparation: { shutdownMinutes: 5, backup: { storage: "backup", days: 30 } },
    audit,
    preview: (call, context) => executor.preview(call, context),
    people: () => [...state().people.values()],
  });
  const log = silentLogger;
  const brake = createBrake({ db, clock, log });
  const usageOf = usageReader({ tools, confirmations, audit, clock });
  const policy: Policy = {
    async evaluate(request) {
      // The rights are those of the run.
      const document = documentOf(state().observer.truth.rights);
      const usage = await usageOf(document, request);
      return policyOf(document).evaluate({ ...request, usage });
    },
  };
  const unreliableAudit = unreliable(audit, state);
  const roles = () => state().observer.truth.rights.roles;
  const lever = createBrakeLever({ brake, audit: unreliableAudit, log, roles });
  const executor: ActionExecutor = createActionExecutor({
    tools,
    policy: braked(policy, brake),
    isApprover: ({ role }) => role === approverRole,
    assessRisks: createAssessRisks({ risks: ports.risks, guests }),
    limits: () => state().observer.truth.rights.limits ?? {},
    confirmations,
    audit: unreliableAudit,
    clock,
    log,
  });
  const sessions = createSessionStore({ db, clock });
  const inventory = readsInventory ? (signal: AbortSignal) => ports.guests.list(signal) : undefined;
  const agent = createAgent({ model, executor, sessions, prompt, inventory, clock, log });

  return {
    db,
    agent,
    executor,
    confirmations,
    audit,
    sessions,
    brake,
    lever,
    /** The audit log goes on: nothing can be removed from it. */
    async wipe() {
      for (const table of ["confirmation", "session_item", "deletion", "hold", "brake"] as const) {
        await db.deleteFrom(table).execute();
      }
    },
  };
}

const who = { users: [], groups: [], roles: peopleOfRules };

/** These rights, as a policy file would say them. */
function documentOf({ roles, others, limits = {}, escalations = {} }: Rights): PolicyDocument {
  const rules = Object.entries(others).map(([tool, by]): FileRule => {
    return { who, do: [tool], verdict: by === "approver" ? "confirm-by-approver" : by };
  });
  return { ...simplestPolicy, roles, rules, limits, escalations };
}

export type Stack = Awaited<ReturnType<typeof openStack>>;

/** Others get in between a decision and its question. */
function lagging(store: ConfirmationStore, state: () => StackState): ConfirmationStore {
  return {
    ...store,
    async add(request, admit) {
      const { random, observer } = state();
      await lag(random);
      const since = nextMoment(observer.truth);
      const confirmation = await store.add(request, admit);
      observer.truth.putDown.set(confirmation.id, since);
      return confirmation;
    },
  };
}

function unreliable(audit: AuditLog, state: () => StackState): AuditLog {
  return {
    ...audit,
    async append(entry, admit) {
      const { random, observer } = state();
      await lag(random);
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
