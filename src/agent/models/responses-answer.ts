import { z } from "zod";
import { type Item, ModelError } from "#src/agent/model.ts";
import { classify } from "./openai-error.ts";
import type { Answer, Exchange } from "./resilient-model.ts";
import { estimateUsage } from "./wire-text.ts";

const partSchema = z.object({
  type: z.string(),
  text: z.string().nullish(),
  refusal: z.string().nullish(),
});

const messageSchema = z.object({ type: z.literal("message"), content: z.array(partSchema) });

const callSchema = z.object({
  type: z.literal("function_call"),
  call_id: z.string().nullish(),
  name: z.string().nullish(),
  arguments: z.unknown().optional(),
});

/** The fields that go back; others, such as the status, are refused in a request. */
export const reasoningSchema = z.object({
  type: z.literal("reasoning"),
  id: z.string(),
  summary: z.array(z.object({ type: z.literal("summary_text"), text: z.string() })).catch([]),
  encrypted_content: z.string().min(1),
});

/** An item of the output; of kinds that we did not ask for there is nothing to read. */
const outputSchema = z.union([
  messageSchema,
  callSchema,
  reasoningSchema,
  z.object({ type: z.literal("other") }).catch({ type: "other" }),
]);

const usageSchema = z
  .object({
    input_tokens: z.number(),
    input_tokens_details: z.object({ cached_tokens: z.number().nullish() }).nullish(),
    output_tokens: z.number(),
  })
  .nullish()
  .catch(undefined);

const responseSchema = z.object({
  status: z.string().nullish(),
  incomplete_details: z.object({ reason: z.string().nullish() }).nullish(),
  error: z.object({ code: z.string().nullish(), message: z.string().nullish() }).nullish(),
  output: z.array(outputSchema).nullish(),
  usage: usageSchema,
});

const eventSchema = z.object({
  type: z.string(),
  delta: z.unknown().optional(),
  item: z.unknown().optional(),
  response: z.unknown().optional(),
});

/** What an answer is read for: the request, and the API that alone gets its reasoning back. */
export interface ReadOptions {
  readonly request: unknown;
  readonly reasoningApi: string;
}

/** Reads a streamed answer, passing on its pieces as they come. */
export async function readEvents(
  events: AsyncIterable<unknown>,
  { signal, onPiece }: Pick<Exchange, "signal" | "onPiece">,
  options: ReadOptions,
): Promise<Answer> {
  const output: unknown[] = [];
  let response: unknown;
  try {
    for await (const raw of events) {
      const event = eventSchema.parse(raw);
      if (/^response\.(completed|incomplete|failed)$/.test(event.type)) response = event.response;
      if (event.type === "response.output_item.done") output.push(event.item);
      if (event.type.endsWith(".delta")) onPiece(spokenText(event));
    }
    signal.throwIfAborted();
  } catch (error) {
    // After the last event the answer is whole, whatever becomes of the connection.
    if (response === undefined) throw error;
  }
  if (response === undefined) {
    throw new ModelError("invalid-response", "The answer ended without its last event.");
  }
  // Some servers leave the output out of the last event.
  const whole = output.length > 0 ? { ...z.looseObject({}).parse(response), output } : response;
  return readResponse(whole, options);
}

function spokenText({ type, delta }: z.infer<typeof eventSchema>): string | undefined {
  const spoken = type === "response.output_text.delta" || type === "response.refusal.delta";
  return spoken && typeof delta === "string" ? delta : undefined;
}

/** Reads a whole answer. */
export function readResponse(raw: unknown, { request, reasoningApi }: ReadOptions): Answer {
  const response = responseSchema.parse(raw);
  const finish = toFinish(response);
  const items = (response.output ?? []).flatMap((output) => toItems(output, reasoningApi));
  const answered = items.some(({ type }) => type !== "reasoning");
  if (!answered && finish !== "refusal") {
    throw new ModelError("invalid-response", `The answer is empty (status ${response.status}).`);
  }
  const { usage } = response;
  return {
    items,
    finish,
    usage: usage
      ? {
          inputTokens: usage.input_tokens,
          cachedTokens: usage.input_tokens_details?.cached_tokens ?? 0,
          outputTokens: usage.output_tokens,
          estimated: false,
        }
      : estimateUsage(request, items),
  };
}

function toItems(output: z.infer<typeof outputSchema>, reasoningApi: string): Item[] {
  switch (output.type) {
    case "message": {
      const text = output.content.map((part) => part.text ?? part.refusal ?? "").join("");
      return text.trim() ? [{ type: "assistant", text }] : [];
    }
    case "function_call": {
      const { call_id, name, arguments: args = "" } = output;
      const argumentsJson = typeof args === "string" ? args : JSON.stringify(args);
      return [{ type: "tool-call", callId: call_id ?? "", name: name ?? "", argumentsJson }];
    }
    case "reasoning":
      return [{ type: "reasoning", api: reasoningApi, payload: output }];
    default:
      return [];
  }
}

function toFinish({
  status,
  incomplete_details,
  error,
  output,
}: z.infer<typeof responseSchema>): Answer["finish"] {
  if (status === "failed") {
    const message = error?.message ?? "no reason given";
    throw new ModelError(classify({ code: error?.code, message }), `The model failed: ${message}`);
  }
  if (status === "incomplete") {
    return incomplete_details?.reason === "content_filter" ? "refusal" : "length";
  }
  if (status !== "completed") {
    throw new ModelError("invalid-response", "The answer ended without being completed.");
  }
  const items = output ?? [];
  if (items.some(refuses)) return "refusal";
  return items.some(({ type }) => type === "function_call") ? "tool-calls" : "stop";
}

function refuses(output: z.infer<typeof outputSchema>): boolean {
  return output.type === "message" && output.content.some((part) => Boolean(part.refusal));
}
