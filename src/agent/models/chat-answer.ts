import { z } from "zod";
import { type Item, ModelError, type ToolCallItem, type Usage } from "#src/agent/model.ts";
import type { Answer, Exchange } from "./resilient-model.ts";
import { estimateUsage } from "./wire-text.ts";

const contentSchema = z
  .union([z.string(), z.array(z.object({ text: z.string().nullish() }))])
  .transform((content) =>
    typeof content === "string" ? content : content.map(({ text }) => text ?? "").join(""),
  );

const callSchema = z.object({
  index: z.number().nullish(),
  id: z.string().nullish(),
  function: z.object({ name: z.string().nullish(), arguments: z.unknown().optional() }).nullish(),
});

/** A message, or a piece of one. */
const messageSchema = z.object({
  content: contentSchema.nullish(),
  refusal: z.string().nullish(),
  tool_calls: z.array(callSchema).nullish(),
  /** Thinking aloud, by either of the names in use; it is no part of the answer. */
  reasoning: z.string().nullish(),
  reasoning_content: z.string().nullish(),
});

const usageSchema = z
  .object({
    prompt_tokens: z.number(),
    completion_tokens: z.number(),
    prompt_tokens_details: z.object({ cached_tokens: z.number().nullish() }).nullish(),
  })
  .nullish()
  .catch(undefined);

const finishSchema = z.string().nullish();

const completionSchema = z.object({
  choices: z.array(z.object({ message: messageSchema.nullish(), finish_reason: finishSchema })),
  usage: usageSchema,
});

/** One event of a stream; a server may leave out the choices where it sends something else. */
const chunkSchema = z.object({
  choices: z
    .array(z.object({ delta: messageSchema.nullish(), finish_reason: finishSchema }))
    .nullish(),
  usage: usageSchema,
});

/** Reads a whole answer to `request`. */
export function readCompletion(raw: unknown, request: unknown): Answer {
  const { choices, usage } = completionSchema.parse(raw);
  const [choice] = choices;
  const draft = emptyDraft();
  if (choice?.message) addPiece(draft, choice.message);
  draft.finish = choice?.finish_reason;
  return toAnswer({ ...draft, usage }, request);
}

/** Reads a streamed answer to `request`, passing on its pieces as they come. */
export async function readChunks(
  chunks: AsyncIterable<unknown>,
  { signal, onPiece }: Pick<Exchange, "signal" | "onPiece">,
  request: unknown,
): Promise<Answer> {
  const draft = emptyDraft();
  try {
    for await (const raw of chunks) {
      const { choices, usage } = chunkSchema.parse(raw);
      const choice = choices?.[0];
      if (choice?.delta && !isEmpty(choice.delta)) onPiece(addPiece(draft, choice.delta));
      draft.finish = choice?.finish_reason || draft.finish;
      draft.usage = usage ?? draft.usage;
    }
    signal.throwIfAborted();
  } catch (error) {
    // After the finish reason the answer is whole, whatever becomes of the connection.
    if (!draft.finish) throw error;
  }
  return toAnswer(draft, request);
}

interface DraftCall {
  readonly index: number | undefined;
  callId: string;
  name: string;
  argumentsJson: string;
}

/** An answer as far as it has come. */
interface Draft {
  text: string;
  refused: boolean;
  readonly calls: DraftCall[];
  finish: string | null | undefined;
  usage: z.infer<typeof usageSchema>;
}

function emptyDraft(): Draft {
  return { text: "", refused: false, calls: [], finish: undefined, usage: undefined };
}

/** As the first piece is, which some servers send before they start to work. */
function isEmpty(piece: z.infer<typeof messageSchema>): boolean {
  const { content, refusal, tool_calls, reasoning, reasoning_content } = piece;
  return !(content || refusal || tool_calls?.length || reasoning || reasoning_content);
}

/** Adds a piece to the draft and returns its text. */
function addPiece(draft: Draft, piece: z.infer<typeof messageSchema>): string {
  const text = (piece.content ?? "") + (piece.refusal ?? "");
  draft.text += text;
  draft.refused ||= Boolean(piece.refusal);
  for (const call of piece.tool_calls ?? []) addCallPiece(draft.calls, call);
  return text;
}

function addCallPiece(calls: DraftCall[], piece: z.infer<typeof callSchema>): void {
  const call = openCall(calls, piece) ?? startCall(calls, piece);
  call.callId ||= piece.id ?? "";
  call.name ||= piece.function?.name ?? "";
  const args = piece.function?.arguments ?? "";
  call.argumentsJson += typeof args === "string" ? args : JSON.stringify(args);
}

/**
 * The call that a piece continues. A piece without an index continues the last one unless it has a
 * name; an index that comes again with another id does not, as some servers number every call 0.
 */
function openCall(
  calls: readonly DraftCall[],
  { index, id, function: called }: z.infer<typeof callSchema>,
): DraftCall | undefined {
  if (index == null) return called?.name ? undefined : calls.at(-1);
  const open = calls.findLast((call) => call.index === index);
  return id && open?.callId && id !== open.callId ? undefined : open;
}

function startCall(calls: DraftCall[], { index }: z.infer<typeof callSchema>): DraftCall {
  const call = { index: index ?? undefined, callId: "", name: "", argumentsJson: "" };
  calls.push(call);
  return call;
}

function toAnswer(draft: Draft, request: unknown): Answer {
  const { text, calls, finish } = draft;
  if (!finish)
    throw new ModelError("invalid-response", "The answer ended without a finish reason.");
  const items: Item[] = [
    ...(text.trim() ? [{ type: "assistant" as const, text }] : []),
    ...calls.map(
      ({ callId, name, argumentsJson }): ToolCallItem => ({
        type: "tool-call",
        callId,
        name,
        argumentsJson,
      }),
    ),
  ];
  if (items.length === 0 && finish !== "content_filter") {
    throw new ModelError("invalid-response", `The answer is empty (finish reason ${finish}).`);
  }
  const usage = toUsage(draft.usage) ?? estimateUsage(request, items);
  return { items, finish: toFinish(draft), usage };
}

/** Servers disagree on the finish reason of tool calls; the calls themselves decide. */
function toFinish({ finish, refused, calls }: Draft): Answer["finish"] {
  if (finish === "length") return "length";
  if (refused || finish === "content_filter") return "refusal";
  return calls.length > 0 ? "tool-calls" : "stop";
}

function toUsage(usage: Draft["usage"]): Usage | undefined {
  if (!usage) return undefined;
  return {
    inputTokens: usage.prompt_tokens,
    cachedTokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
    outputTokens: usage.completion_tokens,
    estimated: false,
  };
}
