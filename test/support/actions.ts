import { type ActionExecutor, createActionExecutor } from "#src/actions/action-executor.ts";
import type { AssessRisks } from "#src/actions/assess-risks.ts";
import type { AnswerContext, IsApprover } from "#src/actions/confirmation-answers.ts";
import { createConfirmationStore } from "#src/actions/confirmation-store.ts";
import {
  defineTool,
  type InputSchema,
  type Tool,
  type ToolContext,
  ToolError,
} from "#src/actions/tool.ts";
import { createAuditLog } from "#src/audit/audit-log.ts";
import { silentLogger } from "#src/log.ts";
import { policyOf } from "#src/policy/judge.ts";
import type { Policy } from "#src/policy/policy.ts";
import { simplestPolicy } from "#src/policy/policy-document.ts";
import type { Principal } from "#src/policy/principal.ts";
import type { GuestTarget } from "#src/policy/target.ts";
import type { Database } from "#src/storage/database.ts";
import { clockAt, type ManualClock } from "./clock.ts";
import { alice, bob, carol } from "./people.ts";

/** A guest as a plan's target; say what matters to the test. */
export function aTarget(facts: Partial<GuestTarget> = {}): GuestTarget {
  return {
    vmid: 103,
    kind: "ct",
    fingerprint: "fp-103",
    name: "test-runner",
    node: "pve1",
    owner: "bob",
    tags: ["ci", "test"],
    protection: false,
    template: false,
    haManaged: false,
    ...facts,
  };
}

/** An executor with the default policy over a real store and a real audit log. */
export function setUpExecutor(
  db: Database,
  tools: readonly Tool[],
  policy: Policy = defaultPolicy,
  clock: ManualClock = clockAt("2026-11-24T12:00:00Z"),
  isApprover: IsApprover = () => false,
  assessRisks?: AssessRisks,
) {
  const confirmations = createConfirmationStore(db, clock);
  const audit = createAuditLog(db, clock);
  const log = silentLogger;
  const executor: ActionExecutor = createActionExecutor({
    tools,
    policy,
    isApprover,
    assessRisks,
    confirmations,
    audit,
    clock,
    log,
  });
  const context = (principal: Principal): AnswerContext => ({
    principal,
    personOf: async (id) => [alice, bob, carol].find((one) => one.id === id) ?? principal,
    askedAt: clock.now(),
    conversation: "test",
    signal: new AbortController().signal,
  });
  return { executor, confirmations, audit, clock, context };
}

const defaultPolicy = policyOf(simplestPolicy);

/** Takes any object, and is satisfied. */
export const anyInput: InputSchema<Record<string, unknown>> = {
  parse(raw) {
    if (typeof raw !== "object" || raw === null) throw new ToolError("Expected an object.");
    return { ...raw };
  },
  jsonSchema: { type: "object", properties: {} },
};

/** A tool that counts its acts on a guest which the test may swap. */
export function countingTool(name: string, effect: "reversible" | "disruptive" | "destructive") {
  const approvedBy = undefined as ToolContext["approvedBy"];
  const state = { guest: aTarget(), acts: 0, fails: undefined as Error | undefined, approvedBy };
  const tool = defineTool({
    name,
    description: name,
    effect,
    input: anyInput,
    async plan() {
      const at = effect === "destructive" ? { at: "2026-11-27T17:00:00Z" } : {};
      return { summary: `${name} ${state.guest.name}.`, target: { guest: state.guest, ...at } };
    },
    async apply(_, context) {
      if (state.fails) throw state.fails;
      state.approvedBy = context.approvedBy;
      state.acts += 1;
      return { kind: "done", output: "ok", upid: "UPID:pve1:1:2:3:vzstop:103:a@pve!b:" };
    },
  });
  return { tool, state };
}
