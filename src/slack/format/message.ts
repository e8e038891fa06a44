import type { KnownBlock } from "@slack/types";
import { safeMarkdown, toMrkdwn } from "./markdown.ts";

/** What a message shows, and the same in words for notifications and screen readers. */
export interface SlackMessage {
  readonly text: string;
  readonly blocks: readonly KnownBlock[];
}

/** A message of Markdown that is safe already. */
export function markdownMessage(markdown: string): SlackMessage {
  return { text: toMrkdwn(markdown), blocks: [{ type: "markdown", text: markdown }] };
}

/** A message of one short text, by whomever it is written. */
export function plainMessage(text: string): SlackMessage {
  return markdownMessage(safeMarkdown(text));
}
