import type OpenAI from "openai";
import type { Item, Model, ModelRequest, ToolCallItem, ToolDescription } from "#src/agent/model.ts";
import { isOpenAi, normalizeBaseUrl } from "./model-server.ts";
import {
  createResilientModel,
  type Exchange,
  type OpenAiModelOptions,
  type WireApi,
} from "./resilient-model.ts";
import { readEvents, readResponse, reasoningSchema } from "./responses-answer.ts";
import { contextPosition, contextText, eventText, isJson, once, wireCall } from "./wire-text.ts";

type InputItem = OpenAI.Responses.ResponseInputItem;
type Body = OpenAI.Responses.ResponseCreateParamsNonStreaming;

/**
 * A model over Responses, the API in which OpenAI's reasoning models take tools. Nothing is kept
 * at the server: each request carries the whole conversation, encrypted reasoning included.
 */
export function createOpenAiResponsesModel(options: OpenAiModelOptions): Model {
  // Reasoning is encrypted for one model at one server; any other refuses it.
  const reasoningApi = `responses ${normalizeBaseUrl(options.baseUrl)} ${options.model}`;
  const official = isOpenAi(options.baseUrl);
  const plainTools = once((tools: readonly ToolDescription[]) => toTools(tools, false));
  const strictTools = once((tools: readonly ToolDescription[]) => toTools(tools, true));

  function body({ request, quirks }: Exchange): Body {
    const tools = (official && !quirks.has("strict") ? strictTools : plainTools)(request.tools);
    return {
      model: options.model,
      instructions: request.instructions,
      input: toInput(request, quirks.has("reasoning") ? undefined : reasoningApi),
      ...(tools.length > 0 && {
        tools,
        ...(request.toolChoice === "none" &&
          !quirks.has("tool_choice") && { tool_choice: "none" as const }),
        ...(!quirks.has("parallel_tool_calls") && { parallel_tool_calls: true }),
      }),
      ...(!quirks.has("store") && { store: false }),
      ...(!quirks.has("include") && { include: ["reasoning.encrypted_content" as const] }),
    };
  }

  const api: WireApi = {
    quirks: [
      "parallel_tool_calls",
      "tool_choice",
      "include",
      "store",
      "reasoning",
      ...(official ? (["strict"] as const) : []),
      "stream",
    ],

    async complete(client, exchange) {
      const request = body(exchange);
      const { signal } = exchange;
      const response = await client.responses.create(request, { signal });
      return readResponse(response, { request, reasoningApi });
    },

    async stream(client, exchange) {
      const request = { ...body(exchange), stream: true as const };
      const { signal } = exchange;
      const { data, response } = await client.responses.create(request, { signal }).withResponse();
      const readOptions = { request, reasoningApi };
      // Some servers do not know the word.
      if (isJson(response)) return readResponse(await response.json(), readOptions);
      return await readEvents(data, exchange, readOptions);
    },
  };
  return createResilientModel(api, options);
}

/** The API takes tools that do not say so for strict ones, hence the explicit `false`. */
function toTools(
  tools: readonly ToolDescription[],
  strict: boolean,
): OpenAI.Responses.FunctionTool[] {
  return tools.map(({ name, description, parameters }) => ({
    type: "function",
    name,
    description,
    parameters: { ...parameters },
    strict,
  }));
}

function toInput({ items, context }: ModelRequest, reasoningApi: string | undefined): InputItem[] {
  const position = contextPosition(items);
  const convert = (item: Item) => toInputItem(item, reasoningApi);
  return [
    ...items.slice(0, position).flatMap(convert),
    { role: "user", content: contextText(context) },
    ...items.slice(position).flatMap(convert),
  ];
}

const toFunctionCall = once((item: ToolCallItem): InputItem => {
  return { type: "function_call", call_id: item.callId, ...wireCall(item) };
});

function toInputItem(item: Item, reasoningApi: string | undefined): InputItem[] {
  switch (item.type) {
    case "user":
      return [{ role: "user", content: item.text }];
    case "event":
      return [{ role: "user", content: eventText(item.text) }];
    case "assistant":
      return [{ role: "assistant", content: item.text }];
    case "tool-call":
      return [toFunctionCall(item)];
    case "tool-result":
      return [{ type: "function_call_output", call_id: item.callId, output: item.output }];
    case "reasoning": {
      if (item.api !== reasoningApi) return [];
      const { success, data } = reasoningSchema.safeParse(item.payload);
      return success ? [data] : [];
    }
  }
}
