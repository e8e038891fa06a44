import { randomUUID } from "node:crypto";
import { Temporal } from "temporal-polyfill";
import type { AuditLog } from "#src/audit/audit-log.ts";
import type { Clock } from "#src/clock.ts";
import type { Logger } from "#src/log.ts";
import type { Policy } from "#src/policy/policy.ts";
import type { Limits } from "#src/policy/policy-document.ts";
import type { Principal } from "#src/policy/principal.ts";
import { type Action, createActionJournal, type SubmitContext } from "./action-journal.ts";
import type { ActionReport, Outcome, ToolCall } from "./action-report.ts";
import { createAsking } from "./ask.ts";
import type { AssessRisks } from "./assess-risks.ts";
import {
  type AnswerContext,
  type ConfirmationAnswers,
  createConfirmationAnswers,
  type IsApprover,
} from "./confirmation-answers.ts";
import type { Confirmation, ConfirmationStore } from "./confirmation-store.ts";
import { toFailure } from "./failure.ts";
import { countTargets } from "./guest-target.ts";
import { createJudge, type Judged } from "./judge.ts";
import {
  approverOf,
  objectionToApprover,
  objectionToBeginning,
  objectionToPlan,
} from "./judged-again.ts";
import type { Preview } from "./preview.ts";
import { type Plan, RefusedError, type Tool, type ToolContext, type ToolResult } from "./tool.ts";

/** A call that was planned and decided, and of which nothing was carried out yet. */
export interface PreparedAction {
  /** The report as far as it is known by now. */
  readonly judged: Omit<ActionReport, "outcome">;
  /** Goes on as decided: refuses, asks for confirmation, or acts. Call it once. */
  carryOut(): Promise<ActionReport>;
}

/**
 * The only door to the cluster: plan, policy, confirmation, audit, apply, in that order.
 *
 * The agent, the scheduler and the API all come through here, so no caller can skip a step.
 * Refusals and failures are values. Only a database that cannot be written makes these reject,
 * and then nothing was done.
 */
export interface ActionExecutor extends ConfirmationAnswers {
  readonly tools: readonly Tool[];
  /** Plans and decides without changing anything, so that a turn's calls are all judged first. */
  prepare(call: ToolCall, context: SubmitContext): Promise<PreparedAction>;
  /** {@link prepare} and carry out in one go. */
  submit(call: ToolCall, context: SubmitContext): Promise<ActionReport>;
  /**
   * What {@link submit} would come to for the context's principal. Plans and decides, and goes no
   * further: no confirmation, no entry in the audit log, nothing that could be carried out. Never
   * rejects.
   */
  preview(call: ToolCall, context: ToolContext): Promise<Preview>;
  /** Resolves once every change that was under way has ended, and its end is in the audit log. */
  drained(): Promise<void>;
}

interface Deps {
  readonly tools: readonly Tool[];
  readonly policy: Policy;
  /** What the policy limits at this moment; nothing, when absent. */
  readonly limits?: (() => Limits) | undefined;
  /** Who may approve what others ask for; nobody, when absent. */
  readonly isApprover?: IsApprover | undefined;
  /** Looks at the guests of a change before it is decided; without it, nothing is known of them. */
  readonly assessRisks?: AssessRisks | undefined;
  readonly confirmations: ConfirmationStore;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly log: Logger;
}

/** An action with the plan that may be applied. */
interface PlannedAction extends Action, Judged {}

export function createActionExecutor(deps: Deps): ActionExecutor {
  const { tools, policy, confirmations, audit, clock, log, isApprover = () => false } = deps;
  const judge = createJudge(deps);
  const journal = createActionJournal(audit, log);
  const ask = createAsking({ ...deps, journal });
  const underWay = new Set<Promise<unknown>>();

  async function planAction(
    call: ToolCall,
    context: SubmitContext,
    id: string,
    approved?: boolean,
  ): Promise<PlannedAction> {
    const judged = await judge(call, context, approved);
    const { plan, decided } = judged;
    const nothingToConfirm = decided.kind === "confirm" && plan.unchanged !== undefined;
    const decision = nothingToConfirm ? "allow" : decided.kind;
    return { id, call, target: plan.target, context, decision, ...judged };
  }

  async function preview(call: ToolCall, context: ToolContext): Promise<Preview> {
    log.info({ tool: call.tool, input: call.input, user: context.principal.id }, "preview");
    try {
      const alone = { ...context, targets: undefined };
      const { tool, plan, decided: decision } = await judge(call, alone);
      const { summary, target, unchanged } = plan;
      return { kind: "possible", effect: tool.effect, summary, target, unchanged, decision };
    } catch (error) {
      const { message } = toFailure(error, call, context.signal, log);
      return { kind: "impossible", message };
    }
  }

  function reportOn({ call, decision, target, plan }: PlannedAction, outcome: Outcome) {
    return { call, decision, target, summary: plan.summary, outcome };
  }

  function reportUnplanned(call: ToolCall, error: unknown, context: SubmitContext): ActionReport {
    const target = error instanceof RefusedError ? error.target : undefined;
    const outcome = toFailure(error, call, context.signal, log);
    return { call, decision: "error", target, outcome };
  }

  /** Of a call that could not be planned, the audit log keeps what was wanted with which guest. */
  async function recordRefusal(id: string, report: ActionReport, context: SubmitContext) {
    const { call, decision, target, outcome } = report;
    if (!target || outcome.kind !== "failed") return;
    await journal.recordEnd({ id, call, target, context, decision }, "refused", outcome);
  }

  async function deny(action: Action, message: string): Promise<Outcome> {
    await journal.record(action, "denied", { message });
    return { kind: "denied", message };
  }

  async function read({ call, plan, context }: PlannedAction): Promise<Outcome> {
    log.info({ tool: call.tool, input: call.input, user: context.principal.id }, "read");
    try {
      return await plan.apply(context);
    } catch (error) {
      return toFailure(error, call, context.signal, log);
    }
  }

  function change(action: PlannedAction): Promise<Outcome> {
    const changing = carryOutChange(action);
    underWay.add(changing);
    return changing.finally(() => underWay.delete(changing));
  }

  /**
   * Records that it begins, unless the policy says no by now. What counts towards a limit is in the
   * log: of two that begin at once, the second one is judged when the first one is there.
   */
  async function begin(action: PlannedAction): Promise<string | undefined> {
    let refusal: string | undefined;
    await journal.begin(action, async () => {
      const targets = countTargets(action.context, action.target);
      const request = { ...action.request, now: clock.now(), targets, approved: true };
      refusal = objectionToBeginning(action.decided, await policy.evaluate(request));
      return refusal === undefined;
    });
    return refusal;
  }

  async function carryOutChange(action: PlannedAction): Promise<Outcome> {
    const { call, plan, context } = action;
    const refusal = await begin(action);
    if (refusal) return deny(action, refusal);
    try {
      const result = await resultOf(plan, context);
      await journal.recordEnd(action, result.kind === "done" ? "succeeded" : "unchanged", result);
      return result;
    } catch (error) {
      const failure = toFailure(error, call, context.signal, log);
      await journal.recordEnd(action, "failed", failure);
      return failure;
    }
  }

  /** A plan that found nothing left to do is not applied: what it would do by now, nobody has judged. */
  async function resultOf({ apply, unchanged }: Plan, context: ToolContext): Promise<ToolResult> {
    return unchanged === undefined ? apply(context) : { kind: "unchanged", message: unchanged };
  }

  async function askForConfirmation(action: PlannedAction): Promise<Outcome> {
    const asked = await ask(action);
    if ("refusal" in asked) return deny(action, asked.refusal);
    return { kind: "awaiting-confirmation", confirmation: asked.confirmation };
  }

  async function proceed(action: PlannedAction): Promise<Outcome> {
    const { tool, plan, decided } = action;
    if (decided.kind === "deny") return deny(action, decided.reason);
    if (tool.effect === "read") return read(action);
    if (decided.kind === "allow") return change(action);
    // Not applied: if it were to do something by now, nobody has confirmed that.
    if (plan.unchanged) return { kind: "unchanged", message: plan.unchanged };
    return askForConfirmation(action);
  }

  /** Plans the approved call again, as it was asked then, and acts only if it still is the same. */
  async function carryOutApproved(
    confirmation: Confirmation,
    answered: AnswerContext,
    requester: Principal,
  ): Promise<ActionReport> {
    const { id, call, requestedAt, summary } = confirmation;
    const askedAt = Temporal.Instant.fromEpochMilliseconds(requestedAt);
    // The card named the guest, by code: whoever approves it names it too.
    const approvedBy = confirmation.approvals.map(({ by }) => by);
    const context = { ...answered, principal: requester, askedAt, words: summary, approvedBy };
    try {
      await answered.onAccepted?.();
      // It may have waited for others, which somebody has stopped.
      if (answered.signal.aborted) return await leaveUndone(confirmation, context);
      const planned = await planAction(call, context, id, true);
      const approver = await approverOf(confirmation, answered);
      const refusal =
        objectionToPlan(planned, confirmation) ?? objectionToApprover(approver, isApprover);
      const action = { ...planned, decision: "confirm", approver: approver ?? requester } as const;
      const outcome = refusal ? await deny(action, refusal) : await change(action);
      if (outcome.kind === "denied") await confirmations.refuse(id);
      return reportOn(action, outcome);
    } catch (error) {
      await confirmations.refuse(id);
      const report = reportUnplanned(call, error, context);
      await recordRefusal(id, report, context);
      return report;
    }
  }

  /** Of what was approved and is not begun after all. */
  async function leaveUndone(
    { id, call, target, summary }: Confirmation,
    context: SubmitContext,
  ): Promise<ActionReport> {
    await confirmations.refuse(id);
    const judged = { call, target, decision: "confirm" } as const;
    const message = "It was stopped before it was begun; nothing was done.";
    return { ...judged, summary, outcome: await deny({ id, context, ...judged }, message) };
  }

  async function prepare(call: ToolCall, context: SubmitContext): Promise<PreparedAction> {
    const id = randomUUID();
    try {
      const action = await planAction(call, context, id);
      const { decision, target, plan } = action;
      const judged = { call, decision, target, summary: plan.summary };
      return { judged, carryOut: async () => reportOn(action, await proceed(action)) };
    } catch (error) {
      const report = reportUnplanned(call, error, context);
      const carryOut = async () => {
        await recordRefusal(id, report, context);
        return report;
      };
      return { judged: report, carryOut };
    }
  }

  return {
    tools,
    prepare,
    preview,
    async drained() {
      await Promise.allSettled(underWay);
    },
    async submit(call, context) {
      const prepared = await prepare(call, context);
      return prepared.carryOut();
    },
    ...createConfirmationAnswers({ confirmations, journal, isApprover, carryOutApproved }),
  };
}
