import type { RunResult } from "#src/agent/agent.ts";
import { visibleText } from "./escape.ts";
import { type GuestList, guestsListed, withoutList } from "./guest-list.ts";
import { guestTables } from "./guest-table.ts";
import { answerMessages, messageLength } from "./limits.ts";
import { safeMarkdown } from "./markdown.ts";
import { markdownMessage, type SlackMessage } from "./message.ts";
import { splitText } from "./split.ts";

/**
 * A run's reply as messages, each within Slack's limits; at least one.
 *
 * Guests that were listed are shown in a table where the reply leaves them to it: it names none of
 * them, or repeats the list line by line. A reply that speaks of some of them is the answer itself.
 */
export function formatAnswer(
  { reply, calls }: Pick<RunResult, "reply" | "calls">,
  notes: readonly string[] = [],
): readonly SlackMessage[] {
  const list = guestsListed(calls);
  const { text, repeated } = withoutList(visibleText(reply), list);
  const tabled = list.rows.length > 0 && (repeated || !namesAny(text, list));
  const remarks = tabled ? list.remarks.filter((remark) => !text.includes(remark)) : [];
  const words = [text.trim(), ...remarks, ...notes].filter(Boolean).join("\n\n");
  return withTables(textMessages(words || noAnswer), tabled ? list : undefined);
}

/** For a reply of nothing that can be seen. */
const noAnswer = "The answer was empty.";

function namesAny(text: string, { rows }: GuestList): boolean {
  const words = new Set(text.toLowerCase().match(/[\p{L}\p{N}_.-]*[\p{L}\p{N}]/gu));
  return rows.some(([, , name = ""]) => words.has(name.toLowerCase()));
}

function textMessages(text: string): readonly SlackMessage[] {
  const pieces = splitText(safeMarkdown(text), messageLength);
  const shown = pieces.slice(0, answerMessages).map(markdownMessage);
  if (pieces.length <= answerMessages) return shown;
  return [...shown, markdownMessage("The rest of this answer is too long for Slack and left out.")];
}

/** A table goes below the last words if it fits there; a message may have one table. */
function withTables(
  messages: readonly SlackMessage[],
  list: GuestList | undefined,
): readonly SlackMessage[] {
  const tables = guestTables(list?.rows ?? []).map(
    ({ block, text }): SlackMessage => ({ text, blocks: [block] }),
  );
  const [table, ...others] = tables;
  const last = messages.at(-1);
  if (!table || !last) return [...messages, ...tables];

  const text = `${last.text}\n${table.text}`;
  if (text.length > messageLength) return [...messages, ...tables];
  const joined = { text, blocks: [...last.blocks, ...table.blocks] };
  return [...messages.slice(0, -1), joined, ...others];
}
