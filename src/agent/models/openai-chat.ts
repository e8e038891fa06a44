import type OpenAI from "openai";
import type { Item, Model, ModelRequest, ToolCallItem, ToolDescription } from "#src/agent/model.ts";
import { readChunks, readCompletion } from "./chat-answer.ts";
import { isOpenAi } from "./model-server.ts";
import {
  createResilientModel,
  type Exchange,
  type OpenAiModelOptions,
  type WireApi,
} from "./resilient-model.ts";
import { contextPosition, contextText, eventText, isJson, once, wireCall } from "./wire-text.ts";

type Message = OpenAI.Chat.ChatCompletionMessageParam;
type Tool = OpenAI.Chat.ChatCompletionFunctionTool;
type Body = OpenAI.Chat.ChatCompletionCreateParamsNonStreaming;

/** A model over Chat Completions, which every compatible server has. */
export function createOpenAiChatModel(options: OpenAiModelOptions): Model {
  const wireTools = once((tools: readonly ToolDescription[]) => toTools(tools, false));
  const strictTools = once((tools: readonly ToolDescription[]) => toTools(tools, true));
  const strict = isOpenAi(options.baseUrl);

  function body({ request, quirks }: Exchange): Body {
    const tools = (strict && !quirks.has("strict") ? strictTools : wireTools)(request.tools);
    return {
      model: options.model,
      messages: toMessages(request),
      ...(tools.length > 0 && {
        tools,
        ...(request.toolChoice === "none" &&
          !quirks.has("tool_choice") && { tool_choice: "none" as const }),
        ...(!quirks.has("parallel_tool_calls") && { parallel_tool_calls: true }),
      }),
      // Reasoning models take tools in this API only when told not to reason.
      ...(quirks.has("reasoning_effort") && { reasoning_effort: "none" as const }),
    };
  }

  const api: WireApi = {
    quirks: [
      "reasoning_effort",
      "stream_options",
      "parallel_tool_calls",
      "tool_choice",
      ...(strict ? (["strict"] as const) : []),
      "stream",
    ],

    async complete(client, exchange) {
      const params = body(exchange);
      const { signal } = exchange;
      return readCompletion(await client.chat.completions.create(params, { signal }), params);
    },

    async stream(client, exchange) {
      const { quirks, signal } = exchange;
      const params = {
        ...body(exchange),
        stream: true as const,
        ...(!quirks.has("stream_options") && { stream_options: { include_usage: true } }),
      };
      const { data, response } = await client.chat.completions
        .create(params, { signal })
        .withResponse();
      // Some servers do not know the word.
      if (isJson(response)) return readCompletion(await response.json(), params);
      return await readChunks(data, exchange, params);
    },
  };
  return createResilientModel(api, options);
}

function toTools(tools: readonly ToolDescription[], strict: boolean): Tool[] {
  return tools.map(({ name, description, parameters }) => ({
    type: "function",
    function: { name, description, parameters: { ...parameters }, ...(strict && { strict }) },
  }));
}

function toMessages({ instructions, items, context }: ModelRequest): Message[] {
  const messages: Message[] = [{ role: "system", content: instructions }];
  const position = contextPosition(items);
  for (const item of items.slice(0, position)) addItem(messages, item);
  addUserText(messages, contextText(context));
  for (const item of items.slice(position)) addItem(messages, item);
  return messages;
}

const toToolCall = once((item: ToolCallItem) => ({
  id: item.callId,
  type: "function" as const,
  function: wireCall(item),
}));

function addItem(messages: Message[], item: Item): void {
  switch (item.type) {
    case "user":
      addUserText(messages, item.text);
      break;
    case "event":
      addUserText(messages, eventText(item.text));
      break;
    case "assistant":
      messages.push({ role: "assistant", content: item.text });
      break;
    case "tool-call":
      addToolCall(messages, item);
      break;
    case "tool-result":
      messages.push({ role: "tool", tool_call_id: item.callId, content: item.output });
      break;
  }
}

/** Joins what the user's side says in a row: many chat templates insist that the roles alternate. */
function addUserText(messages: Message[], text: string): void {
  const last = messages.at(-1);
  if (last?.role === "user") last.content = `${last.content}\n\n${text}`;
  else messages.push({ role: "user", content: text });
}

function addToolCall(messages: Message[], item: ToolCallItem): void {
  const last = messages.at(-1);
  if (last?.role !== "assistant") {
    messages.push({ role: "assistant", content: null, tool_calls: [toToolCall(item)] });
  } else {
    last.tool_calls = [...(last.tool_calls ?? []), toToolCall(item)];
  }
}
