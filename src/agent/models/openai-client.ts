import OpenAI from "openai";
import { fetchWithin } from "#src/bounds/fetch-within.ts";
import { normalizeBaseUrl } from "./model-server.ts";

/** Which server, and as whom. */
export interface OpenAiServerOptions {
  /** Local servers want none. */
  readonly apiKey?: string | undefined;
  /** With its version, such as `http://localhost:11434/v1`; OpenAI's own when omitted. */
  readonly baseUrl?: string | undefined;
}

/** Bytes of the longest answer: a stream spends some three hundred on each token. */
const longestAnswer = 16 * 1024 * 1024;

/**
 * The `openai` package's client without what it does by itself: it repeats nothing, logs nothing,
 * and takes no account from the environment.
 */
export function createOpenAiClient({ apiKey, baseUrl }: OpenAiServerOptions): OpenAI {
  return new OpenAI({
    // It refuses to start without a key; servers that need none ignore it.
    apiKey: apiKey || "none",
    adminAPIKey: null,
    organization: null,
    project: null,
    baseURL: normalizeBaseUrl(baseUrl),
    fetch: fetchWithin(longestAnswer),
    maxRetries: 0,
    logLevel: "off",
  });
}
