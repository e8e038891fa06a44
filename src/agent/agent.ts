import { randomUUID } from "node:crypto";
import type { ActionExecutor } from "#src/actions/action-executor.ts";
import type { ActionReport } from "#src/actions/action-report.ts";
import type { Confirmation } from "#src/actions/confirmation-store.ts";
import type { Clock } from "#src/clock.ts";
import type { Logger } from "#src/log.ts";
import type { Principal } from "#src/policy/principal.ts";
import { createConversationQueue } from "./conversation-queue.ts";
import type { ReadInventory } from "./inventory.ts";
import { defaultLimits, type RunLimits } from "./limits.ts";
import type { Model, Usage } from "./model.ts";
import { noUsage } from "./model-turns.ts";
import type { Prompt } from "./prompt.ts";
import { executeRun, type RunDeps, type SaidRequest } from "./run.ts";
import type { SessionStore } from "./session-store.ts";

export interface RunRequest {
  /** The conversation whose history goes along; runs of one conversation go one after another. */
  readonly conversation: string;
  readonly text: string;
  readonly principal: Principal;
  readonly signal: AbortSignal;
  /** The front end's key of the message; what it leads to is found in the audit log by it. */
  readonly origin?: string | undefined;
  /** Told what happens while it happens. Must not throw. */
  onEvent?(event: RunEvent): void;
}

export type RunEvent =
  /** The pieces since the last `turn-ended` make up the reply in the end. */
  | { readonly type: "text"; readonly delta: string }
  /** The text so far was not the answer: tool calls followed it. */
  | { readonly type: "turn-ended" }
  | { readonly type: "progress"; readonly tool: string; readonly message: string }
  | { readonly type: "action"; readonly report: ActionReport };

export interface RunResult {
  readonly status: "completed" | "limit" | "deadline" | "aborted" | "failed";
  /** The model's words, then what code knows to be true of the outcome. */
  readonly reply: string;
  readonly calls: readonly ActionReport[];
  readonly confirmations: readonly Confirmation[];
  /** The model that answered last. */
  readonly model: string;
  readonly modelCalls: number;
  readonly usage: Usage;
}

/** Turns a person's words into tool calls and an answer. */
export interface Agent {
  /** Never rejects: the result says how it ended, and the reply what is true of the changes. */
  run(request: RunRequest): Promise<RunResult>;
  /**
   * Tells the conversation what happened outside a run, such as an approved confirmation; waits
   * for the run that is under way in it.
   */
  note(conversation: string, text: string): Promise<void>;
}

interface Deps {
  readonly model: Model;
  readonly executor: ActionExecutor;
  readonly sessions: SessionStore;
  readonly prompt: Prompt;
  /** Read at the start of every run, so that most requests need no look-up. */
  readonly inventory?: ReadInventory | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits?: Partial<RunLimits>;
}

/** The agent on these parts. It knows the tools by their descriptions alone. */
export function createAgent({ log, limits, clock, ...deps }: Deps): Agent {
  const { executor, sessions, model } = deps;
  const queue = createConversationQueue();
  const effects = new Map(executor.tools.map(({ name, effect }) => [name, effect]));
  const runDeps: RunDeps = {
    ...deps,
    limits: { ...defaultLimits, ...limits },
    tools: executor.tools.map(({ name, description, input }) => ({
      name,
      description,
      parameters: input.jsonSchema,
    })),
    effectOf: (tool) => effects.get(tool),
  };

  async function run(request: SaidRequest): Promise<RunResult> {
    const { conversation, principal } = request;
    const runLog = log.child({ runId: randomUUID(), conversation, user: principal.id });
    const startedAt = performance.now();
    const result = await executeRun(runDeps, request, runLog);
    const { status, calls, modelCalls, usage } = result;
    const ms = Math.round(performance.now() - startedAt);
    runLog.info({ status, calls: calls.length, modelCalls, usage, ms }, "run ended");
    return result;
  }

  return {
    async run(request) {
      const { conversation, signal, text } = request;
      const { messageLength } = runDeps.limits;
      if (text.length > messageLength) return tooLong(request, model.id, messageLength);
      const said = { ...request, saidAt: clock.now() };
      // Only a wait that was aborted rejects; a run never does.
      return queue
        .enter(conversation, () => run(said), signal)
        .catch(() => stoppedInQueue(request, model.id));
    },
    async note(conversation, text) {
      await queue.enter(conversation, () =>
        sessions.append(conversation, [{ type: "event", text }]),
      );
    },
  };
}

function stoppedInQueue(request: RunRequest, model: string): RunResult {
  return { status: "aborted", ...unread(request, model, "Stopped before it was begun.") };
}

function tooLong(request: RunRequest, model: string, length: number): RunResult {
  const reply = `That is too long for me: I read ${length} characters at once. Please say it in fewer words; nothing was done.`;
  return { status: "limit", ...unread(request, model, reply) };
}

/** What is said of a message that no model has seen, and that is not part of the conversation. */
function unread({ onEvent }: RunRequest, model: string, reply: string) {
  onEvent?.({ type: "text", delta: reply });
  return { reply, calls: [], confirmations: [], model, modelCalls: 0, usage: noUsage };
}
