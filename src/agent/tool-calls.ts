import type { ActionExecutor, PreparedAction } from "#src/actions/action-executor.ts";
import type { SubmitContext } from "#src/actions/action-journal.ts";
import type { ActionReport, ToolCall } from "#src/actions/action-report.ts";
import { newErrorId, PublicError, unexpectedErrorMessage } from "#src/errors.ts";
import type { Logger } from "#src/log.ts";
import { type Admission, createCallAdmission } from "./call-admission.ts";
import { inParallel, runInOrder } from "./call-order.ts";
import type { RunLimits } from "./limits.ts";
import type { ToolCallItem } from "./model.ts";
import type { EffectOf } from "./outcome-notes.ts";
import { createTargetCount } from "./target-count.ts";
import { createTimeLimit } from "./time-limit.ts";

/** A turn's calls, all of them judged and none carried out. */
export interface PreparedCalls {
  /** Whether any may change something; what is about to happen is to be written down first. */
  readonly change: boolean;
  /**
   * Carries the calls out in the model's order, neighbouring reads side by side and each change
   * alone. Never rejects; the reports are in the calls' order.
   */
  carryOut(): Promise<readonly ActionReport[]>;
}

/** Judges one turn's calls, all of them. Never rejects. */
export type PrepareCalls = (items: readonly ToolCallItem[]) => Promise<PreparedCalls>;

interface Options {
  readonly executor: ActionExecutor;
  readonly limits: RunLimits;
  readonly effectOf: EffectOf;
  readonly log: Logger;
  /** The run's signal and everything else that its calls carry along. */
  readonly context: Omit<SubmitContext, "onProgress">;
  /** What the person has said so far. */
  wordsOf(): string;
  onProgress(tool: string, message: string): void;
  /** Told of each call as it ends. */
  onReport(report: ActionReport): void;
}

/** One judged call. */
interface JudgedCall {
  readonly item: ToolCallItem;
  readonly change: boolean;
  carryOut(afterChange: boolean): Promise<ActionReport>;
}

/** Takes a run's tool calls from the model to the executor, and their reports back. */
export function createToolCalls(options: Options): PrepareCalls {
  const { executor, limits, effectOf, log, onReport, onProgress } = options;
  const toolNames = executor.tools.map(({ name }) => name);
  const admit = createCallAdmission({ limits, toolNames, effectOf });
  const targets = createTargetCount();

  async function judge(item: ToolCallItem, admission: Admission): Promise<JudgedCall> {
    const { call } = admission;
    if (!admission.admitted) return objected(item, call, admission.objection);

    const limit = createTimeLimit(options.context.signal, limits.graceTime);
    const report = (message: string) => onProgress(item.name, message);
    const context = {
      ...options.context,
      words: options.wordsOf(),
      targets,
      signal: limit.signal,
      onProgress: report,
    };
    const change = admission.effect !== "read";

    async function carryOut(prepared: PreparedAction, afterChange: boolean): Promise<ActionReport> {
      const { judged } = prepared;
      const failed = (message: string): ActionReport => ({
        ...judged,
        outcome: { kind: "failed", message },
      });
      if (options.context.signal.aborted)
        return failed("Not carried out: the request was stopped.");
      // What was planned before another change may be outdated: "shut it down, then start it".
      const goOn = () =>
        change && afterChange ? executor.submit(call, context) : prepared.carryOut();
      try {
        return await limit.wait(change ? changeLimit(limits) : readLimit(limits), goOn);
      } catch (error) {
        return failed(messageFor(error, call));
      }
    }

    try {
      const prepared = await limit.wait(readLimit(limits), () => executor.prepare(call, context));
      return { item, change, carryOut: (afterChange) => carryOut(prepared, afterChange) };
    } catch (error) {
      return objected(item, call, messageFor(error, call));
    }
  }

  async function finish({ item, carryOut }: JudgedCall, afterChange: boolean) {
    const startedAt = performance.now();
    const report = await carryOut(afterChange);
    const { decision, outcome } = report;
    const { callId, name: tool } = item;
    const ms = Math.round(performance.now() - startedAt);
    log.debug({ callId, tool, decision, outcome: outcome.kind, ms }, "tool call ended");
    onReport(report);
    return report;
  }

  function messageFor(error: unknown, { tool }: ToolCall): string {
    if (error instanceof PublicError) return error.message;
    const errorId = newErrorId();
    log.error({ err: error, errorId, tool }, "tool call could not be handled");
    return unexpectedErrorMessage(errorId);
  }

  return async function prepareCalls(items) {
    const admitted = items.map((item, index) => ({ item, admission: admit(item, index) }));
    for (const { admission } of admitted) targets.expect(admission);
    const judged = await inParallel(admitted, limits.parallelReads, ({ item, admission }) =>
      judge(item, admission),
    );
    return {
      change: judged.some(({ change }) => change),
      carryOut: () => runInOrder(judged, limits.parallelReads, finish),
    };
  };
}

function readLimit({ readTime }: RunLimits) {
  return { time: readTime, message: `There was no answer within ${readTime / 1000} seconds.` };
}

function changeLimit({ changeTime }: RunLimits) {
  const message = `No end was seen within ${changeTime / 1000} seconds. What was begun may go on; check its state first.`;
  return { time: changeTime, message };
}

function objected(item: ToolCallItem, call: ToolCall, message: string): JudgedCall {
  return { item, change: false, carryOut: async () => unplanned(call, message) };
}

function unplanned(call: ToolCall, message: string): ActionReport {
  return { call, decision: "error", outcome: { kind: "failed", message } };
}
