import type { GuestLine, Item } from "#src/agent/model.ts";
import { type Filter, matching } from "./filters.ts";
import type { Lexicon } from "./lexicon.ts";
import { normalise, wordsOf } from "./words.ts";

/** One message of a person and what followed. */
export interface Turn {
  readonly text: string;
  readonly calls: readonly {
    readonly tool: string;
    readonly args: Readonly<Record<string, unknown>>;
    readonly output: string;
  }[];
  readonly reply: string;
  /** What happened after it, such as a confirmation that was given. */
  readonly events: readonly string[];
}

/** The turns of a session, oldest first; the last one may still be without an answer. */
export function turnsOf(items: readonly Item[]): readonly Turn[] {
  const turns: { text: string; calls: Turn["calls"][number][]; reply: string; events: string[] }[] =
    [];
  const outputs = new Map(
    items.flatMap((item) =>
      item.type === "tool-result" ? [[item.callId, item.output] as const] : [],
    ),
  );
  for (const item of items) {
    if (item.type === "user") turns.push({ text: item.text, calls: [], reply: "", events: [] });
    const turn = turns.at(-1);
    if (!turn) continue;
    if (item.type === "assistant") turn.reply = item.text;
    if (item.type === "event") turn.events.push(item.text);
    if (item.type !== "tool-call") continue;
    turn.calls.push({
      tool: item.name,
      args: argumentsOf(item.argumentsJson),
      output: outputs.get(item.callId) ?? "",
    });
  }
  return turns;
}

function argumentsOf(json: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** The guests that a turn was about: those it acted on, else those it listed or named. */
export function guestsOf(turn: Turn, lexicon: Lexicon): readonly GuestLine[] {
  const acted = turn.calls.flatMap(({ args }) => referred(args.guest, lexicon));
  if (acted.length > 0) return unique(acted);
  const listed = turn.calls
    .filter(({ tool }) => tool === "list_guests")
    .flatMap(({ args }) => matching(lexicon.guests ?? [], filterOf(args)));
  if (listed.length > 0) return unique(listed);
  const named = [turn.text, turn.reply].map((text) => mentioned(text, lexicon));
  return unique(
    named[0]?.length === 1
      ? named[0]
      : (named[1] ?? []).length > 0
        ? (named[1] ?? [])
        : (named[0] ?? []),
  );
}

/** The guests that a text names exactly. */
export function mentioned(text: string, lexicon: Lexicon): readonly GuestLine[] {
  return unique(
    lexicon
      .mark(wordsOf(normalise(text)))
      .flatMap(({ guests }) => (guests.length === 1 ? guests : [])),
  );
}

function referred(reference: unknown, lexicon: Lexicon): readonly GuestLine[] {
  const matches = lexicon.find(String(reference ?? ""));
  return matches.length === 1 ? matches : [];
}

function filterOf(args: Turn["calls"][number]["args"]): Filter {
  const text = (value: unknown) => (typeof value === "string" ? [value.toLowerCase()] : []);
  const tag = text(args.tag);
  const owner = tag.flatMap((one) => (one.startsWith("owner-") ? [one.slice(6)] : []));
  return {
    kinds: args.kind === "ct" || args.kind === "vm" ? [args.kind] : [],
    statuses: args.status === "running" || args.status === "stopped" ? [args.status] : [],
    nodes: text(args.node),
    tags: owner.length > 0 ? [] : tag,
    owners: owner,
    names: text(args.name),
  };
}

/** Each guest once, by its VMID. */
export function unique(guests: readonly GuestLine[]): readonly GuestLine[] {
  return [...new Map(guests.map((guest) => [guest.vmid, guest])).values()];
}
