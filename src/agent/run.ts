import type { Temporal } from "temporal-polyfill";
import type { ActionExecutor } from "#src/actions/action-executor.ts";
import { newErrorId, unexpectedErrorMessage } from "#src/errors.ts";
import type { Logger } from "#src/log.ts";
import type { RunEvent, RunRequest, RunResult } from "./agent.ts";
import { inventoryContext, type ReadInventory } from "./inventory.ts";
import type { RunLimits } from "./limits.ts";
import type { Item, Model, RunContext, ToolDescription } from "./model.ts";
import { createModelTurns } from "./model-turns.ts";
import type { EffectOf } from "./outcome-notes.ts";
import type { Prompt } from "./prompt.ts";
import { composeReply, type Ending, stopped } from "./reply.ts";
import { createReplyStream } from "./reply-stream.ts";
import type { SessionStore } from "./session-store.ts";
import { createToolCalls } from "./tool-calls.ts";
import { createTranscript } from "./transcript.ts";
import { type TurnsDeps, takeTurns } from "./turns.ts";

/** What all runs of an agent share. */
export interface RunDeps {
  readonly model: Model;
  readonly executor: ActionExecutor;
  readonly sessions: SessionStore;
  readonly prompt: Prompt;
  readonly inventory?: ReadInventory | undefined;
  readonly limits: RunLimits;
  /** The executor's tools, as the model is told of them. */
  readonly tools: readonly ToolDescription[];
  readonly effectOf: EffectOf;
}

/** A request, and when it was said: it may have waited for its turn since. */
export interface SaidRequest extends RunRequest {
  readonly saidAt: Temporal.Instant;
}

/** One run under way. */
interface Run extends TurnsDeps {
  readonly context: RunContext;
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/**
 * Answers one request. Never rejects: whatever happened, the reply says what is true of the
 * changes that were asked for.
 */
export async function executeRun(
  deps: RunDeps,
  request: SaidRequest,
  log: Logger,
): Promise<RunResult> {
  const run = beginRun(deps, request, log);
  const ending = await untilEnd(deps, run).catch((error: unknown) => {
    const errorId = newErrorId();
    log.error({ err: error, errorId }, "run failed unexpectedly");
    return stopped("failed", unexpectedErrorMessage(errorId));
  });
  return endRun(run, ending);
}

function beginRun(deps: RunDeps, request: SaidRequest, log: Logger): Run {
  const { model, executor, sessions, prompt, limits, tools, effectOf } = deps;
  const { conversation, principal, signal, text, saidAt } = request;
  const emit = (event: RunEvent) => request.onEvent?.(event);

  const transcript = createTranscript(sessions, conversation);
  transcript.add([{ type: "user", text, by: principal.id }]);
  const prepareCalls = createToolCalls({
    executor,
    limits,
    effectOf,
    log,
    context: {
      principal,
      askedAt: saidAt,
      signal,
      conversation,
      promptVersion: prompt.version,
      origin: request.origin,
    },
    wordsOf: () => wordsOf(transcript.items(), principal.id),
    onProgress: (tool, message) => emit({ type: "progress", tool, message }),
    onReport: (report) => emit({ type: "action", report }),
  });
  const stream = createReplyStream(emit);
  const modelTurns = createModelTurns({ model, limits, signal, log });
  const context = { now: saidAt, principal };
  const parts = { transcript, stream, modelTurns, prepareCalls, reports: [], context };
  return { prompt, tools, effectOf, limits, signal, log, ...parts };
}

/** What one person has said, of a conversation in which others may speak too. */
function wordsOf(items: readonly Item[], id: string): string {
  return items
    .flatMap((item) => (item.type === "user" && item.by === id ? item.text : []))
    .join("\n");
}

async function untilEnd({ inventory }: RunDeps, run: Run): Promise<Ending> {
  const { limits, signal, log, transcript, context } = run;
  const [snapshot] = await Promise.all([
    inventory && inventoryContext(inventory, limits, signal, log),
    transcript.recallEarlier(limits.historyTokens),
  ]);
  return takeTurns(run, { ...context, ...snapshot });
}

async function endRun(run: Run, ending: Ending): Promise<RunResult> {
  const { reports, effectOf, modelTurns, stream, transcript, log } = run;
  const { fallbackNotice, ...use } = modelTurns.use();
  const reply = composeReply({ ending, reports, effectOf, notice: fallbackNotice });
  stream.finish(reply);

  transcript.add(ending.answer ?? [{ type: "assistant", text: reply }]);
  await transcript.save().catch((error: unknown) => {
    log.error({ err: error }, "conversation could not be saved");
  });
  const confirmations = reports.flatMap(({ outcome }) =>
    outcome.kind === "awaiting-confirmation" ? [outcome.confirmation] : [],
  );
  return { status: ending.status, reply, calls: reports, confirmations, ...use };
}
