import type { Item, ToolCallItem } from "./model.ts";

/** Stands in for the result of a call during which the program ended. */
const interruptedOutput = JSON.stringify({
  result: "failed",
  message: "Interrupted: the outcome is unknown. Check the state before anything else is done.",
});

/**
 * The history with every call answered exactly once, right after it, and every answer called for,
 * which is what model servers insist on; a single stray item would make them refuse the
 * conversation for good. Two processes that spoke in one conversation leave such items.
 */
export function mendHistory(items: readonly Item[]): readonly Item[] {
  const results = resultsOf(items);
  const called = new Set<string>();
  const mended: Item[] = [];
  let open: ToolCallItem[] = [];
  const close = () => {
    for (const { callId } of open) {
      const output = results.get(callId) ?? interruptedOutput;
      mended.push({ type: "tool-result", callId, output });
    }
    open = [];
  };

  for (const item of items) {
    if (item.type === "tool-call") {
      if (called.has(item.callId)) continue;
      called.add(item.callId);
      open.push(item);
    } else if (item.type !== "reasoning") close();
    if (item.type !== "tool-result") mended.push(item);
  }
  close();
  return mended;
}

/** The first result of each call. */
function resultsOf(items: readonly Item[]): ReadonlyMap<string, string> {
  const results = new Map<string, string>();
  for (const item of items) {
    if (item.type !== "tool-result" || results.has(item.callId)) continue;
    results.set(item.callId, item.output);
  }
  return results;
}

/**
 * The newest part of a mended history that fits `maxTokens`: whole segments, each from one user
 * message to the next. When not even the newest fits, its words stay and its tool calls go.
 */
export function trimHistory(items: readonly Item[], maxTokens: number): readonly Item[] {
  let tokens = 0;
  let start = items.length;
  for (let index = items.length - 1; index >= 0; index--) {
    const item = items[index];
    if (!item) break;
    tokens += estimateTokens(item);
    if (tokens > maxTokens) return start < items.length ? items.slice(start) : lastWords(items);
    if (item.type === "user") start = index;
  }
  return items;
}

function lastWords(items: readonly Item[]): readonly Item[] {
  const start = items.findLastIndex(({ type }) => type === "user");
  return items
    .slice(Math.max(start, 0))
    .filter(({ type }) => type === "user" || type === "assistant" || type === "event");
}

/** Four characters to a token: rough, and on the safe side for English and JSON. */
export function estimateTokens(item: Item): number {
  return Math.ceil(itemLength(item) / 4);
}

/**
 * In characters, as far as people or tools get it: reasoning is encrypted, is nobody's to read, and
 * has its bound in the size of the whole answer.
 */
export function answerLength(items: readonly Item[]): number {
  const lengths = items.map((item) => (item.type === "reasoning" ? 0 : itemLength(item)));
  return lengths.reduce((total, length) => total + length, 0);
}

/** In characters. */
export function itemLength(item: Item): number {
  switch (item.type) {
    case "tool-call":
      return item.name.length + item.argumentsJson.length;
    case "tool-result":
      return item.output.length;
    case "reasoning":
      return JSON.stringify(item.payload)?.length ?? 0;
    default:
      return item.text.length;
  }
}
