import {
  type Model,
  ModelError,
  type ModelErrorKind,
  type ModelRequest,
  type ModelResponse,
} from "#src/agent/model.ts";
import type { Clock } from "#src/clock.ts";
import type { Logger } from "#src/log.ts";
import { createCircuitBreaker } from "./circuit-breaker.ts";

interface Deps {
  readonly primary: Model;
  /** Answers when the primary cannot. It should need no network. */
  readonly fallback: Model;
  readonly clock: Clock;
  readonly log: Logger;
}

type FailureKind = Exclude<ModelErrorKind, "aborted">;

/** What to tell a person of a failure; a server's own words may be anything. */
const reasons: Readonly<Record<FailureKind, string>> = {
  timeout: "did not answer in time",
  connection: "cannot be reached",
  "rate-limit": "is busy with too many requests",
  auth: "did not accept the API key",
  quota: "has no credit left",
  "bad-request": "refused the request",
  "context-length": "cannot take a conversation of this length",
  "invalid-response": "gave no usable answer",
  server: "has a failure on its side",
};

/** These are about one request; the server is up, and the next one may do. */
const particular = new Set<FailureKind>(["bad-request", "context-length"]);

/** Ends what a person has already read of an answer that broke. */
const brokenOff = " … (broken off)\n\n";

/**
 * Asks `primary`, and `fallback` when that fails in whatever way, so that a person gets an answer
 * all the same, with a notice that says whose it is. After three failures within a minute
 * `primary` is left alone for a minute. Only a request that was aborted stays unanswered.
 *
 * Where `primary` had begun to answer aloud, the text is marked as broken off before that of
 * `fallback` follows; the response holds the latter only.
 */
export function createFallbackModel({ primary, fallback, clock, log }: Deps): Model {
  const breaker = createCircuitBreaker(clock);
  let lastFailure: FailureKind = "connection";

  async function answerInstead(request: ModelRequest, requests: number): Promise<ModelResponse> {
    const response = await fallback.respond(request);
    const notice = `The configured model (${primary.id}) ${reasons[lastFailure]}; the simple offline planner answered instead.`;
    return { ...response, requests: response.requests + requests, fallbackNotice: notice };
  }

  return {
    id: primary.id,
    async respond(request) {
      if (!breaker.admits()) return await answerInstead(request, 0);
      const listener = listenTo(request);
      try {
        const response = await primary.respond(listener.request);
        breaker.record("succeeded");
        return response;
      } catch (error) {
        const { kind, requests } = asModelError(error);
        if (kind === "aborted" || request.signal.aborted) {
          breaker.record("unknown");
          throw error;
        }
        breaker.record(particular.has(kind) ? "succeeded" : "failed");
        log.warn({ model: primary.id, kind, err: error }, "the model failed; falling back");
        lastFailure = kind;
        if (listener.heard()) request.onText?.(brokenOff);
        return await answerInstead(request, requests);
      }
    },
  };
}

/** The same request, and whether any text came back for it. */
function listenTo(request: ModelRequest) {
  let heard = false;
  const onText = (delta: string) => {
    heard = true;
    request.onText?.(delta);
  };
  return { request: request.onText ? { ...request, onText } : request, heard: () => heard };
}

function asModelError(error: unknown): ModelError {
  if (error instanceof ModelError) return error;
  return new ModelError("invalid-response", "The model failed unexpectedly.", { cause: error });
}
