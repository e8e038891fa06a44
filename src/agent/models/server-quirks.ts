import { APIError } from "openai";

/** A part of our requests that some servers refuse and that can be left out or replaced. */
export type Quirk =
  | "reasoning_effort"
  | "stream_options"
  | "stream"
  | "parallel_tool_calls"
  | "tool_choice"
  | "include"
  | "store"
  | "reasoning"
  | "strict";

/** How a refusal names each part when its `param` does not; the first that fits counts. */
const words: Readonly<Record<Quirk, RegExp>> = {
  reasoning_effort: /\breasoning_effort\b/,
  stream_options: /\bstream_options\b/,
  parallel_tool_calls: /\bparallel_tool_calls\b/,
  tool_choice: /\btool_choice\b/,
  include: /\binclude\b|encrypted content is not supported/i,
  store: /\bstore\b(?! is set)/,
  reasoning: /\bencrypted[_ ]content\b|\breasoning\b|items are not persisted/i,
  strict: /\bstrict\b|invalid schema for function/i,
  stream: /\bstream(ing)?\b/i,
};

/**
 * The part of a request that `error` says was refused, among those that may be to blame.
 *
 * Compatible servers differ in which of OpenAI's fields they know, and none says so beforehand;
 * their refusals name the field.
 */
export function refusedPart(error: unknown, candidates: readonly Quirk[]): Quirk | undefined {
  if (!(error instanceof APIError) || ![400, 404, 422].includes(error.status ?? 0)) {
    return undefined;
  }
  const path = (error.param ?? "").split(/[.[\]]+/);
  const byParam = candidates.find((quirk) => path.includes(quirk));
  return byParam ?? candidates.find((quirk) => words[quirk].test(error.message));
}
