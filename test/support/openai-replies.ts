/** What a scripted server says; it is put into the words of whichever API was asked. */
export interface ServerReply {
  readonly text?: string;
  readonly calls?: readonly ServerCall[];
  /** What a reasoning model wants back unread (Responses only). */
  readonly encryptedReasoning?: string;
  readonly refusal?: string;
  /** The API's own word; `null` leaves it out, as a broken server does. */
  readonly finish?: string | null;
  /** `null` leaves it out. */
  readonly usage?: {
    readonly input: number;
    readonly cached: number;
    readonly output: number;
  } | null;
  readonly delayMs?: number;
  /** Closes the connection after so many events of a stream, or half-way through the JSON. */
  readonly cutAfter?: number;
  /** Falls silent after so many events of a stream, or before the JSON. */
  readonly stallAfter?: number;
}

export interface ServerCall {
  readonly name: string;
  /** An object becomes JSON; a string goes out as it is. */
  readonly args?: unknown;
  /** `""` for a server that leaves it out; numbered when omitted. */
  readonly id?: string;
}

const defaultUsage = { input: 1000, cached: 800, output: 20 };

let callCount = 0;

interface WireCall {
  readonly id: string;
  readonly name: string;
  readonly argumentsJson: string;
}

function wireCalls({ calls = [] }: ServerReply): WireCall[] {
  return calls.map(({ name, args = {}, id }) => ({
    id: id ?? `srv_${++callCount}`,
    name,
    argumentsJson: typeof args === "string" ? args : JSON.stringify(args),
  }));
}

/** Pieces as a tokenizer might make them. */
function pieces(text: string): string[] {
  return text.match(/.{1,8}/gs) ?? [];
}

function chatUsage({ usage = defaultUsage }: ServerReply) {
  return (
    usage && {
      prompt_tokens: usage.input,
      completion_tokens: usage.output,
      total_tokens: usage.input + usage.output,
      prompt_tokens_details: { cached_tokens: usage.cached },
    }
  );
}

function chatFinish({ finish, calls }: ServerReply): string | null {
  return finish === undefined ? (calls ? "tool_calls" : "stop") : finish;
}

/** A whole answer of Chat Completions. */
export function chatJson(reply: ServerReply): unknown {
  const calls = wireCalls(reply);
  return {
    id: "chatcmpl-1",
    object: "chat.completion",
    model: "scripted",
    choices: [
      {
        index: 0,
        message: {
          role: "assistant",
          content: reply.text ?? null,
          refusal: reply.refusal ?? null,
          ...(calls.length > 0 && {
            tool_calls: calls.map(({ id, name, argumentsJson }) => ({
              ...(id && { id }),
              type: "function",
              function: { name, arguments: argumentsJson },
            })),
          }),
        },
        finish_reason: chatFinish(reply),
      },
    ],
    ...(chatUsage(reply) && { usage: chatUsage(reply) }),
  };
}

/** The events of a streamed answer of Chat Completions, without the closing `[DONE]`. */
export function chatEvents(reply: ServerReply): unknown[] {
  const deltas: unknown[] = [{ role: "assistant", content: "" }];
  deltas.push(...pieces(reply.text ?? "").map((content) => ({ content })));
  deltas.push(...pieces(reply.refusal ?? "").map((refusal) => ({ refusal })));
  for (const [index, { id, name, argumentsJson }] of wireCalls(reply).entries()) {
    const start = { index, ...(id && { id }), type: "function", function: { name, arguments: "" } };
    deltas.push({ tool_calls: [start] });
    for (const piece of pieces(argumentsJson)) {
      deltas.push({ tool_calls: [{ index, function: { arguments: piece } }] });
    }
  }

  const chunk = { id: "chatcmpl-1", object: "chat.completion.chunk", model: "scripted" };
  const finish = chatFinish(reply);
  const usage = chatUsage(reply);
  return [
    ...deltas.map((delta) => ({ ...chunk, choices: [{ index: 0, delta, finish_reason: null }] })),
    ...(finish ? [{ ...chunk, choices: [{ index: 0, delta: {}, finish_reason: finish }] }] : []),
    ...(usage ? [{ ...chunk, choices: [], usage }] : []),
  ];
}

/** A whole answer of Responses. */
export function responsesJson(reply: ServerReply): Record<string, unknown> {
  const { usage = defaultUsage, finish } = reply;
  return {
    id: "resp_1",
    object: "response",
    model: "scripted",
    ...(finish !== null && { status: finish ? "incomplete" : "completed" }),
    incomplete_details: finish ? { reason: finish } : null,
    error: null,
    output: responsesOutput(reply),
    ...(usage && {
      usage: {
        input_tokens: usage.input,
        input_tokens_details: { cached_tokens: usage.cached },
        output_tokens: usage.output,
        total_tokens: usage.input + usage.output,
      },
    }),
  };
}

function responsesOutput(reply: ServerReply): Record<string, unknown>[] {
  const { encryptedReasoning, text, refusal } = reply;
  const content = [
    ...(text === undefined ? [] : [{ type: "output_text", text, annotations: [] }]),
    ...(refusal === undefined ? [] : [{ type: "refusal", refusal }]),
  ];
  return [
    ...(encryptedReasoning
      ? [{ type: "reasoning", id: "rs_1", summary: [], encrypted_content: encryptedReasoning }]
      : []),
    ...(content.length > 0
      ? [{ type: "message", id: "msg_1", role: "assistant", status: "completed", content }]
      : []),
    ...wireCalls(reply).map(({ id, name, argumentsJson }) => ({
      type: "function_call",
      id: "fc_1",
      ...(id && { call_id: id }),
      name,
      arguments: argumentsJson,
      status: "completed",
    })),
  ];
}

/** The events of a streamed answer of Responses. */
export function responsesEvents(reply: ServerReply): unknown[] {
  const response = responsesJson(reply);
  const output = response.output as Record<string, unknown>[];
  const events: Record<string, unknown>[] = [{ type: "response.created", response: {} }];
  for (const [index, item] of output.entries()) {
    const at = { output_index: index, item_id: item.id };
    events.push({ type: "response.output_item.added", output_index: index, item });
    events.push(...itemDeltas(item, reply).map((delta) => ({ ...at, ...delta })));
    events.push({ type: "response.output_item.done", output_index: index, item });
  }
  if (reply.finish !== null) {
    events.push({ type: `response.${response.status}`, response });
  }
  return events;
}

function itemDeltas(item: Record<string, unknown>, reply: ServerReply): Record<string, unknown>[] {
  const deltas = (type: string, text: string) => pieces(text).map((delta) => ({ type, delta }));
  if (item.type === "message") {
    return [
      ...deltas("response.output_text.delta", reply.text ?? ""),
      ...deltas("response.refusal.delta", reply.refusal ?? ""),
    ];
  }
  if (item.type !== "function_call") return [];
  return deltas("response.function_call_arguments.delta", String(item.arguments));
}
