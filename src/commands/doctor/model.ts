import { z } from "zod";
import { type Model, ModelError, type ModelRequest } from "#src/agent/model.ts";
import { modelFailureMessages } from "#src/agent/model-failure.ts";
import { normalizeBaseUrl } from "#src/agent/models/model-server.ts";
import { createOpenAiModel } from "#src/agent/models/openai-model.ts";
import { fetchWithin } from "#src/bounds/fetch-within.ts";
import { systemClock } from "#src/clock.ts";
import type { OpenAiConfig } from "#src/config.ts";
import { silentLogger } from "#src/log.ts";
import type { Check, Finding } from "./finding.ts";

const about = "model";
/** The doctor shows the details that are otherwise in the log. */
const failures = {
  ...modelFailureMessages,
  "bad-request": "The language model's server refused the request.",
};
const probe = {
  name: "report_ready",
  description: "Reports that you can call tools.",
  parameters: {
    type: "object",
    properties: { ready: { type: "boolean", description: "Always true." } },
    required: ["ready"],
    additionalProperties: false,
  },
};

/** The model: one small request that asks for a call of a tool, through the program's own adapter. */
export const checkModel: Check = async ({ model: config, timeZone }, signal) => {
  if (config.kind === "offline") {
    const message =
      "No model is configured: the built-in planner reads the requests, in everyday English.";
    return [{ about, level: "ok", message }];
  }
  const { model: name, api, baseUrl, apiKey, timeoutSeconds } = config;
  const patience = { answerTime: timeoutSeconds * 1000, retries: 0 };
  const options = { model: name, api, baseUrl, apiKey, patience, log: silentLogger };
  const model = await createOpenAiModel(options);
  return [await probeModel(model, config, probeRequest(timeZone, signal))];
};

function probeRequest(timeZone: string, signal: AbortSignal): ModelRequest {
  const principal = { id: "doctor", name: "doctor", role: "viewer", timeZone };
  return {
    instructions: `You are being checked. Call the tool ${probe.name} once, and write nothing else.`,
    items: [{ type: "user", text: `Call ${probe.name}.` }],
    context: { now: systemClock.now(), principal },
    tools: [probe],
    toolChoice: "auto",
    signal,
  };
}

async function probeModel(
  model: Model,
  config: OpenAiConfig,
  request: ModelRequest,
): Promise<Finding> {
  const startedAt = performance.now();
  try {
    const { items } = await model.respond(request);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    if (items.some((item) => item.type === "tool-call" && item.name === probe.name)) {
      return { about, level: "ok", message: `${model.id} calls tools; it took ${seconds} s.` };
    }
    return {
      about,
      level: "warning",
      message: `${model.id} answers, but did not call the tool that it was asked to call: it will talk about guests and not act.`,
      fix: ["# in .env: OPENAI_MODEL with a model that is made for calling tools"],
    };
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    const fix = await fixOf(error, config, request.signal);
    const message = `${failures[error.kind]} While that is so, the built-in planner reads the requests.`;
    return { about, level: "failure", message, details: [error.message], fix };
  }
}

async function fixOf(
  { kind, status }: ModelError,
  config: OpenAiConfig,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (kind === "auth") return ["# in .env: OPENAI_API_KEY with a key that the server accepts"];
  if (kind === "quota") return ["# at the server's operator: see to the account's credit or limit"];
  if (kind === "rate-limit") return ["# wait a little, then:", "npm run doctor"];
  if (kind === "timeout") {
    return ["# in .env, for a slow machine, more seconds:", "OPENAI_TIMEOUT_SECONDS=300"];
  }
  if (status === 404 || status === 400) {
    const known = await listModels(config, signal);
    if (known.length > 0) {
      return [`# in .env: OPENAI_MODEL with one that the server has: ${known.join(", ")}`];
    }
  }
  const server = normalizeBaseUrl(config.baseUrl);
  return [
    "# is the server running, and its address right? This should list its models:",
    `curl ${server}/models`,
    "# then in .env: OPENAI_BASE_URL, usually ending in /v1, and OPENAI_MODEL",
  ];
}

const modelList = z.object({ data: z.array(z.object({ id: z.string() })) });
const shownModels = 20;
/** Bytes of the longest list that is read. */
const longestList = 4 * 1024 * 1024;

/** What the server says it has; nothing where it does not say. */
async function listModels(
  { baseUrl, apiKey }: OpenAiConfig,
  signal: AbortSignal,
): Promise<readonly string[]> {
  try {
    const response = await fetchWithin(longestList)(`${normalizeBaseUrl(baseUrl)}/models`, {
      headers: { ...(apiKey && { authorization: `Bearer ${apiKey}` }) },
      signal: AbortSignal.any([signal, AbortSignal.timeout(10_000)]),
    });
    const { data } = modelList.parse(await response.json());
    return data.slice(0, shownModels).map(({ id }) => id);
  } catch {
    return [];
  }
}
