import type OpenAI from "openai";
import type { Item, Model, ModelRequest, ModelResponse, Usage } from "#src/agent/model.ts";
import { ModelError } from "#src/agent/model.ts";
import type { Logger } from "#src/log.ts";
import { createOpenAiClient, type OpenAiServerOptions } from "./openai-client.ts";
import { toModelError } from "./openai-error.ts";
import { fullJitter, retry } from "./retry.ts";
import { type Quirk, refusedPart } from "./server-quirks.ts";
import { startWatchdog } from "./watchdog.ts";

/** How patient a model is with its server. Times are milliseconds. */
interface Patience {
  /** Until the answer begins or, not streamed, is complete. */
  readonly answerTime: number;
  /** Silence within a streamed answer. */
  readonly idleTime: number;
  readonly retries: number;
  readonly firstDelay: number;
  readonly longestDelay: number;
  /** A server that asks for more is given up on: a person is waiting. */
  readonly longestRetryAfter: number;
}

const defaultPatience: Patience = {
  answerTime: 60_000,
  idleTime: 20_000,
  retries: 2,
  firstDelay: 500,
  longestDelay: 8_000,
  longestRetryAfter: 20_000,
};

export interface OpenAiModelOptions extends OpenAiServerOptions {
  readonly model: string;
  /** Off for servers that cannot; one that says so is believed without it. */
  readonly streaming?: boolean;
  readonly patience?: Partial<Patience>;
  readonly log: Logger;
}

/** What a server answered, in the port's terms. */
export interface Answer extends Pick<ModelResponse, "items" | "finish"> {
  readonly usage: Usage;
}

/** One request on its way. */
export interface Exchange {
  readonly request: ModelRequest;
  /** What this server is known to refuse. */
  readonly quirks: ReadonlySet<Quirk>;
  readonly signal: AbortSignal;
  /** Told each piece of a streamed answer: its text, or nothing where it is not text. */
  onPiece(text?: string): void;
}

/** What the two APIs each do in their own words. */
export interface WireApi {
  /** What servers may refuse of its requests. */
  readonly quirks: readonly Quirk[];
  /** @throws ModelError `invalid-response`, or whatever the client throws. */
  complete(client: OpenAI, exchange: Exchange): Promise<Answer>;
  /** As {@link WireApi.complete}, piece by piece. */
  stream(client: OpenAI, exchange: Exchange): Promise<Answer>;
}

/**
 * A model over either API that bears with its server: leaves out what the server refuses, repeats
 * what failed in passing, and waits for nothing without end. An answer of which a person has
 * already read a part is not asked for again.
 */
export function createResilientModel(api: WireApi, options: OpenAiModelOptions): Model {
  const { model, apiKey, log, streaming = true } = options;
  const patience = { ...defaultPatience, ...options.patience };
  const client = createOpenAiClient(options);
  const quirks = new Set<Quirk>();

  function learnQuirk(error: unknown): boolean {
    const quirk = refusedPart(
      error,
      api.quirks.filter((candidate) => !quirks.has(candidate)),
    );
    if (!quirk) return false;
    log.info({ model, field: quirk }, "the model server refuses a field; going on without it");
    quirks.add(quirk);
    return true;
  }

  async function ask(request: ModelRequest, progress: Progress): Promise<Answer> {
    request.signal.throwIfAborted();
    progress.requests++;
    const watchdog = startWatchdog(request.signal, patience);
    const onPiece = (text?: string) => {
      watchdog.feed();
      if (text) passOn(text, request, progress);
    };
    const exchange = { request, quirks, signal: watchdog.signal, onPiece };
    try {
      const streamed = streaming && !quirks.has("stream");
      return await (streamed ? api.stream(client, exchange) : api.complete(client, exchange));
    } catch (error) {
      if (watchdog.timeout) throw watchdog.timeout;
      if (!learnQuirk(error)) throw error;
    } finally {
      watchdog.stop();
    }
    return await ask(request, progress);
  }

  return {
    id: model,
    async respond(request) {
      const progress: Progress = { requests: 0, heard: false };
      const attempt = () =>
        ask(request, progress).catch((error: unknown) => {
          const aborted = request.signal.aborted;
          throw toModelError(error, { aborted, requests: progress.requests, apiKey });
        });
      const delayAfter = (error: unknown, failures: number) => {
        const delay = progress.heard ? undefined : retryDelay(error, failures, patience);
        if (delay !== undefined) log.warn({ model, err: error, delay }, "asking the model again");
        return delay;
      };

      const answer = await retry(attempt, { signal: request.signal, delayAfter });
      if (!progress.heard) passOnText(answer.items, request, progress);
      return { ...answer, model, requests: progress.requests };
    },
  };
}

/** How far one request of the agent has come, over all attempts. */
interface Progress {
  requests: number;
  /** A person has already read a part of the answer. */
  heard: boolean;
}

function passOn(text: string, { onText }: ModelRequest, progress: Progress): void {
  if (!onText) return;
  progress.heard = true;
  onText(text);
}

/** For an answer that came in one piece. */
function passOnText(items: readonly Item[], request: ModelRequest, progress: Progress): void {
  for (const item of items) {
    if (item.type === "assistant") passOn(item.text, request, progress);
  }
}

/** Not timeouts: whoever asked has waited long enough. */
const passing = new Set(["connection", "server", "rate-limit", "invalid-response"]);

function retryDelay(error: unknown, failures: number, patience: Patience): number | undefined {
  if (!(error instanceof ModelError) || failures > patience.retries) return undefined;
  if (!passing.has(error.kind) && error.status !== 408) return undefined;
  const { retryAfter } = error;
  if (retryAfter === undefined) {
    return fullJitter(failures, patience.firstDelay, patience.longestDelay);
  }
  return retryAfter > patience.longestRetryAfter ? undefined : retryAfter;
}
