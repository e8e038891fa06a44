import type { Item, RunContext, ToolCallItem, Usage } from "#src/agent/model.ts";
import { renderContext } from "./render-context.ts";

/** `convert`, done once for each object; what goes out again and again stays the same bytes. */
export function once<Key extends object, Value>(convert: (key: Key) => Value): (key: Key) => Value {
  const known = new WeakMap<Key, Value>();
  return (key) => {
    const value = known.get(key) ?? convert(key);
    known.set(key, value);
    return value;
  };
}

/** The run's one volatile text; see {@link renderContext}. */
export const contextText: (context: RunContext) => string = once(renderContext);

/**
 * An event as a message. It has no more authority than the person's own words, because names of
 * guests may occur in it, and because some servers take instructions at the beginning only.
 */
export function eventText(text: string): string {
  return `<event>${text}</event>`;
}

/**
 * Where the volatile context goes: right before the person's latest words, so that everything
 * earlier stays the same from run to run and can be cached.
 */
export function contextPosition(items: readonly Item[]): number {
  const lastUser = items.findLastIndex(({ type }) => type === "user");
  return lastUser === -1 ? items.length : lastUser;
}

/**
 * A call of the history as every server takes it. A model may have made up a name or arguments
 * that are no JSON object, and servers then refuse the whole conversation, for good.
 */
export function wireCall({ name, argumentsJson }: ToolCallItem) {
  return {
    name: name.replace(/[^\w-]/g, "_").slice(0, 64) || "unnamed",
    arguments: isJsonObject(argumentsJson)
      ? argumentsJson
      : JSON.stringify({ malformed: argumentsJson }),
  };
}

function isJsonObject(json: string): boolean {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** For a server that does not count: four characters to a token, roughly. */
export function estimateUsage(request: unknown, items: readonly Item[]): Usage {
  const tokens = (value: unknown) => Math.ceil(JSON.stringify(value).length / 4);
  return {
    inputTokens: tokens(request),
    cachedTokens: 0,
    outputTokens: tokens(items),
    estimated: true,
  };
}

/** Whether a server sent its answer in one piece, although a stream was asked for. */
export function isJson({ headers }: Pick<Response, "headers">): boolean {
  return headers.get("content-type")?.startsWith("application/json") ?? false;
}
