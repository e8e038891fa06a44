/** One entry of a conversation, read from the request of either API. */
export type WireEntry =
  | { readonly type: "system" | "user" | "assistant"; readonly text: string }
  | {
      readonly type: "call";
      readonly id: string;
      readonly name: string;
      readonly argumentsJson: string;
    }
  | { readonly type: "result"; readonly id: string; readonly output: string }
  | { readonly type: "reasoning"; readonly payload: unknown };

type Fields = Readonly<Record<string, unknown>>;

function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  if (typeof value === "string") return value;
  return list(value)
    .map((part) => String(fields(part).text ?? ""))
    .join("");
}

/** Reads the conversation of a Chat Completions request. */
export function chatEntries(body: Fields): WireEntry[] {
  return list(body.messages).flatMap((raw): WireEntry[] => {
    const message = fields(raw);
    const content = text(message.content);
    switch (message.role) {
      case "system":
      case "user":
        return [{ type: message.role, text: content }];
      case "tool":
        return [{ type: "result", id: String(message.tool_call_id), output: content }];
      default: {
        const spoken: WireEntry[] = content ? [{ type: "assistant", text: content }] : [];
        return [...spoken, ...list(message.tool_calls).map(chatCall)];
      }
    }
  });
}

function chatCall(raw: unknown): WireEntry {
  const call = fields(raw);
  const { name, arguments: argumentsJson } = fields(call.function);
  return {
    type: "call",
    id: String(call.id),
    name: String(name),
    argumentsJson: String(argumentsJson),
  };
}

/** Reads the conversation of a Responses request. */
export function responsesEntries(body: Fields): WireEntry[] {
  const instructions: WireEntry = { type: "system", text: text(body.instructions) };
  return [instructions, ...list(body.input).map(responsesEntry)];
}

function responsesEntry(raw: unknown): WireEntry {
  const item = fields(raw);
  switch (item.type) {
    case "function_call":
      return {
        type: "call",
        id: String(item.call_id),
        name: String(item.name),
        argumentsJson: String(item.arguments),
      };
    case "function_call_output":
      return { type: "result", id: String(item.call_id), output: String(item.output) };
    case "reasoning":
      return { type: "reasoning", payload: item };
    default:
      return {
        type: item.role === "assistant" ? "assistant" : "user",
        text: text(item.content),
      };
  }
}

/** The names of the tools that a request of either API offers. */
export function toolNames(body: Fields): string[] {
  return list(body.tools).map((raw) => {
    const tool = fields(raw);
    return String(tool.name ?? fields(tool.function).name);
  });
}

/**
 * What a strict server would refuse: a call id answered not at all, twice or too late, a result
 * without its call, a tool's name or arguments that a chat template cannot take, nothing to answer.
 */
export function protocolViolations(entries: readonly WireEntry[]): string[] {
  const violations: string[] = [];
  const unanswered = new Set<string>();
  for (const entry of entries) {
    if (entry.type === "call") {
      violations.push(...callViolations(entry, unanswered));
      unanswered.add(entry.id);
    } else if (entry.type === "result") {
      if (!unanswered.delete(entry.id)) violations.push(`result ${entry.id} answers no open call`);
    } else if (entry.type !== "reasoning" && unanswered.size > 0) {
      violations.push(`${entry.type} message before the results of ${[...unanswered].join(", ")}`);
    }
  }
  if (unanswered.size > 0) violations.push(`no results of ${[...unanswered].join(", ")}`);
  const last = entries.at(-1)?.type;
  if (last !== "user" && last !== "result") violations.push(`nothing to answer after ${last}`);
  return violations;
}

function callViolations(
  call: Extract<WireEntry, { type: "call" }>,
  unanswered: ReadonlySet<string>,
): string[] {
  const violations: string[] = [];
  if (call.id === "" || call.id === "undefined") violations.push(`call of ${call.name} has no id`);
  if (unanswered.has(call.id)) violations.push(`call id ${call.id} is used twice`);
  if (!/^[\w-]{1,64}$/.test(call.name)) violations.push(`call ${call.id} has no proper name`);
  if (!isJsonObject(call.argumentsJson)) violations.push(`call ${call.id} has no JSON arguments`);
  return violations;
}

function isJsonObject(json: string): boolean {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
