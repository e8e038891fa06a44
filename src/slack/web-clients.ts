import { setTimeout as sleep } from "node:timers/promises";
import { WebClient, type WebClientOptions } from "@slack/web-api";
import { fullJitter } from "#src/agent/models/retry.ts";
import { fetchWithin } from "#src/bounds/fetch-within.ts";
import type { Logger } from "#src/log.ts";
import type { Redact } from "#src/redaction.ts";
import { createSdkLogger } from "./sdk-logger.ts";
import type { SlackSettings, SlackWeb } from "./services.ts";

type Fetch = NonNullable<WebClientOptions["fetch"]>;
type FetchResponse = Awaited<ReturnType<Fetch>>;

/** How long one attempt may take, in milliseconds. */
const attemptTime = 10_000;
const maxAttempts = 3;
/** Bytes of the longest answer: a page of a thousand channels is a tenth of it. */
const longestAnswer = 16 * 1024 * 1024;
const fetchAnswer = fetchWithin(longestAnswer);
/** Milliseconds until another attempt: jitter up to the first, doubled after each. */
const firstDelay = 500;

/** The longest rate limit that is waited out, in seconds; a longer one is the caller's to see. */
const patience = { interactive: 5, bulk: 60 };

/**
 * What comes to the same when it is done twice, so that an attempt without an answer may be
 * repeated. A message that is posted is not among it: the answer may have been lost on its way.
 */
const repeatable = new Set([
  "agents.sessions.rename",
  "agents.sessions.setStatus",
  "apps.connections.open",
  "assistant.threads.setStatus",
  "assistant.threads.setSuggestedPrompts",
  "assistant.threads.setTitle",
  "auth.test",
  "bots.info",
  "chat.getPermalink",
  "chat.update",
  "conversations.history",
  "conversations.info",
  "conversations.list",
  "conversations.members",
  "conversations.open",
  "conversations.replies",
  "team.info",
  "usergroups.list",
  "usergroups.users.list",
  "users.info",
  "users.list",
  "users.lookupByEmail",
  "views.publish",
]);

/** No connection was made, so nothing was sent. */
const unsent = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"]);

/**
 * The clients of the workspace. Each call either succeeds or rejects within some ten seconds for
 * each of its attempts, and no message is ever posted twice; a rate limit that outlasts the
 * client's patience rejects with Slack's `WebAPIRateLimitedError`, and nothing was done then.
 *
 * @param ending once it aborts, what was sent is waited for; nothing is sent or repeated any more.
 */
export function createWebClients(
  settings: Pick<SlackSettings, "botToken" | "apiUrl" | "redact">,
  log: Logger,
  ending?: AbortSignal,
): SlackWeb {
  const open = (longestWait: number) =>
    new WebClient(settings.botToken, webOptions(settings, log, longestWait, ending));
  return { interactive: open(patience.interactive), bulk: open(patience.bulk) };
}

/** The options of one client; the packages write into what they are given, so nobody shares it. */
export function webOptions(
  { apiUrl, redact = asItIs }: Pick<SlackSettings, "apiUrl" | "redact">,
  log: Logger,
  longestWait = patience.interactive,
  ending?: AbortSignal,
): WebClientOptions {
  return {
    ...(apiUrl && { slackApiUrl: apiUrl }),
    logger: createSdkLogger(log),
    // The client's own retries know no method and pause its whole queue, so they stay off.
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    allowAbsoluteUrls: false,
    fetch: redacting(createPatientFetch(longestWait, log, ending), redact),
  };
}

const asItIs: Redact = (text) => text;

/** The last look at what is sent, whoever sends it: a form of texts and JSON, or JSON alone. */
function redacting(send: Fetch, redact: Redact): Fetch {
  return (url, init) => {
    const body = init?.body;
    if (typeof body !== "string") return send(url, init);
    if (body.startsWith("{")) return send(url, { ...init, body: redact(body) });
    const form = new URLSearchParams();
    for (const [name, value] of new URLSearchParams(body)) form.append(name, redact(value));
    return send(url, { ...init, body: form.toString() });
  };
}

function createPatientFetch(longestWait: number, log: Logger, ending?: AbortSignal): Fetch {
  return async (url, init) => {
    const method = String(url).split("/").at(-1) ?? "";
    for (let attempt = 1; ; attempt++) {
      ending?.throwIfAborted();
      const result = await tryOnce(url, init);
      const delay = attempt < maxAttempts ? delayAfter(result, method, attempt) : undefined;
      if (delay === undefined || delay > longestWait * 1000) return settle(result);
      log.info({ method, attempt, delay: Math.round(delay) }, "slack call is repeated");
      const waited = await sleep(delay, true, { signal: ending }).catch(() => false);
      if (!waited) return settle(result);
    }
  };
}

type Result =
  | { readonly response: FetchResponse }
  | { readonly response?: undefined; readonly error: unknown };

async function tryOnce(...[url, init]: Parameters<Fetch>): Promise<Result> {
  try {
    const signal = AbortSignal.timeout(attemptTime);
    return { response: await fetchAnswer(url, { ...(init as RequestInit), signal }) };
  } catch (error) {
    return { error };
  }
}

function settle(result: Result): FetchResponse {
  if (result.response) return result.response;
  throw result.error;
}

/** Milliseconds to wait before another attempt; undefined when there must be none. */
function delayAfter(result: Result, method: string, attempt: number): number | undefined {
  const again = fullJitter(attempt, firstDelay, firstDelay * 4);
  if (!result.response) {
    return repeatable.has(method) || wasNotSent(result.error) ? again : undefined;
  }
  const { status, headers } = result.response;
  if (status === 429) return Number.parseInt(headers.get("retry-after") ?? "1", 10) * 1000;
  return status >= 500 && repeatable.has(method) ? again : undefined;
}

function wasNotSent(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "code" in cause && unsent.has(String(cause.code));
}
