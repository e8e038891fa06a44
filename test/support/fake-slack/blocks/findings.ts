/** Texts that notify people: everybody, a user, a group; escaped ones do not match. */
const PING =
  /<!(?:channel|here|everyone)(?:\|[^>]*)?>|<!subteam\^[^>]*>|<@[UW][A-Z0-9]+(?:\|[^>]*)?>/g;

/** Kinds of text in which Slack does not look for mentions. */
const LITERAL: ReadonlySet<unknown> = new Set(["plain_text", "raw_text", "raw_number", "text"]);

/** Elements of rich text that notify. */
const MENTIONS: ReadonlySet<unknown> = new Set(["broadcast", "user", "usergroup"]);

/** Words that name nothing by themselves. */
const POINTERS: ReadonlySet<string> = new Set(["it", "this", "that", "now", "all", "again"]);

/** Every ping in the texts below a message, blocks or chunks, as it is written there. */
export function findPings(node: unknown): string[] {
  if (typeof node !== "object" || node === null) return [];
  if (Array.isArray(node)) return node.flatMap(findPings);
  const { type, text, ...rest } = node as Record<string, unknown>;
  if (MENTIONS.has(type)) return [JSON.stringify(node)];
  const readAloud = typeof text === "string" && !LITERAL.has(type);
  const own = readAloud ? (text.match(PING) ?? []) : findPings(text);
  return [...own, ...findPings(Object.values(rest))];
}

/** Texts of buttons that neither name what they act on nor have a label that does. */
export function unlabelledButtons(blocks: unknown): string[] {
  if (typeof blocks !== "object" || blocks === null) return [];
  if (Array.isArray(blocks)) return blocks.flatMap(unlabelledButtons);
  const element = blocks as Record<string, unknown>;
  if (element.type !== "button") return Object.values(element).flatMap(unlabelledButtons);
  const { text } = element.text as { text: string };
  return element.accessibility_label || namesTarget(text) ? [] : [text];
}

function namesTarget(text: string): boolean {
  const [, ...objects] = text.toLowerCase().match(/[\p{L}\p{N}_.-]*[\p{L}\p{N}]/gu) ?? [];
  return objects.some((word) => !POINTERS.has(word));
}
