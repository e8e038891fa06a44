import type { Logger } from "#src/log.ts";
import type { RunResult } from "./agent.ts";
import { answerLength } from "./history.ts";
import type { RunLimits } from "./limits.ts";
import {
  type Model,
  ModelError,
  type ModelRequest,
  type ModelResponse,
  type Usage,
} from "./model.ts";
import { modelFailureMessages } from "./model-failure.ts";
import { type Ending, stopped } from "./reply.ts";
import { createTimeLimit } from "./time-limit.ts";

export const noUsage: Usage = {
  inputTokens: 0,
  cachedTokens: 0,
  outputTokens: 0,
  estimated: false,
};

/** What came of asking the model once. */
export type Asked =
  | { readonly response: ModelResponse }
  | { readonly ending: Ending; readonly tooLong: boolean };

type ModelUse = Pick<RunResult, "model" | "modelCalls" | "usage"> & {
  /** The sentence for the person, where another model than the configured one answered last. */
  readonly fallbackNotice?: string | undefined;
};

/** A run's requests to the model, under one time limit, and what they came to. */
export interface ModelTurns {
  /** @throws Error only when the model breaks its promise to throw nothing but ModelError. */
  ask(request: Omit<ModelRequest, "signal">): Promise<Asked>;
  use(): ModelUse;
}

interface Options {
  readonly model: Model;
  readonly limits: RunLimits;
  readonly signal: AbortSignal;
  readonly log: Logger;
}

export function createModelTurns({ model, limits, signal, log }: Options): ModelTurns {
  let turn = 0;
  let time = limits.modelTime;
  let use: ModelUse = {
    model: model.id,
    modelCalls: 0,
    usage: noUsage,
  };
  const endless = stopped(
    "limit",
    `The model's answer is longer than ${limits.answerLength} characters, so nothing of it was used.`,
  );
  const tooSlow = `The language model took longer than ${limits.modelTime / 1000} seconds.`;

  function count(response: ModelResponse, ms: number) {
    const { usage, requests, finish } = response;
    use = {
      model: response.model,
      modelCalls: use.modelCalls + requests,
      usage: sum(use.usage, usage),
      fallbackNotice: response.fallbackNotice,
    };
    const { inputTokens, outputTokens } = usage;
    log.debug(
      { turn, model: response.model, finish, requests, inputTokens, outputTokens, ms },
      "model answered",
    );
  }

  function endingFor(error: unknown, outOfTime: boolean): Asked {
    if (signal.aborted) return { ending: stopped("aborted", "Stopped."), tooLong: false };
    if (outOfTime) return { ending: stopped("deadline", tooSlow), tooLong: false };
    if (!(error instanceof ModelError)) throw error;
    log.warn({ turn, err: error, kind: error.kind }, "model gave no usable answer");
    const ending = stopped("failed", modelFailureMessages[error.kind]);
    return { ending, tooLong: error.kind === "context-length" };
  }

  return {
    async ask(request) {
      turn++;
      const limit = createTimeLimit(signal, limits.graceTime);
      const startedAt = performance.now();
      try {
        const response = await limit.wait({ time, message: tooSlow }, () =>
          model.respond({ ...request, signal: limit.signal }),
        );
        count(response, Math.round(performance.now() - startedAt));
        const isEndless = answerLength(response.items) > limits.answerLength;
        return isEndless ? { ending: endless, tooLong: false } : { response };
      } catch (error) {
        if (error instanceof ModelError) {
          use = { ...use, modelCalls: use.modelCalls + error.requests };
        }
        return endingFor(error, limit.signal.aborted);
      } finally {
        time -= performance.now() - startedAt;
      }
    },
    use: () => use,
  };
}

function sum(a: Usage, b: Usage): Usage {
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    cachedTokens: a.cachedTokens + b.cachedTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    estimated: a.estimated || b.estimated,
  };
}
