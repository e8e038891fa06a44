import OpenAI from "openai";
import { type Batch, baseUrl, contend } from "./contender.ts";
import { instructions, parameters, question, readReport, tools } from "./workload.ts";

type Message = OpenAI.Chat.ChatCompletionMessageParam;
type AssistantMessage = OpenAI.Chat.ChatCompletionAssistantMessageParam;
type ToolCall = OpenAI.Chat.ChatCompletionMessageFunctionToolCall;

const client = new OpenAI({ apiKey: "none", baseURL: baseUrl, maxRetries: 0 });
const wireTools = tools.map(({ name, description }) => ({
  type: "function" as const,
  function: { name, description, parameters },
}));

function request(messages: Message[]) {
  return { model: "scripted", messages, tools: wireTools, parallel_tool_calls: true };
}

async function ask(messages: Message[]): Promise<AssistantMessage> {
  const { choices } = await client.chat.completions.create(request(messages));
  const message = choices[0]?.message;
  if (!message) throw new Error("There is no choice.");
  return message;
}

async function askStreaming(messages: Message[]): Promise<AssistantMessage> {
  const stream = await client.chat.completions.create({
    ...request(messages),
    stream: true,
    stream_options: { include_usage: true },
  });
  let content = "";
  const calls: ToolCall[] = [];
  for await (const { choices } of stream) {
    const delta = choices[0]?.delta;
    content += delta?.content ?? "";
    for (const { index, id = "", function: called } of delta?.tool_calls ?? []) {
      calls[index] ??= { id, type: "function", function: { name: "", arguments: "" } };
      calls[index].function.name += called?.name ?? "";
      calls[index].function.arguments += called?.arguments ?? "";
    }
  }
  return { role: "assistant", content, ...(calls.length > 0 && { tool_calls: calls }) };
}

/** The least that works: no checks, no limits, nothing kept. */
async function loop({ turns, stream }: Batch): Promise<string> {
  const messages: Message[] = [
    { role: "system", content: instructions },
    { role: "user", content: question(turns) },
  ];
  for (;;) {
    const message = await (stream ? askStreaming : ask)(messages);
    messages.push(message);
    if (!message.tool_calls) return String(message.content);
    for (const call of message.tool_calls) {
      if (call.type !== "function") continue;
      const content = readReport(call.function.name, JSON.parse(call.function.arguments));
      messages.push({ role: "tool", tool_call_id: call.id, content });
    }
  }
}

contend(loop);
