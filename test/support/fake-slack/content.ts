import type { KnownBlock } from "@slack/types";
import { checkBlocks } from "./blocks/check-blocks.ts";
import { findPings, unlabelledButtons } from "./blocks/findings.ts";
import type { Recorder } from "./recorder.ts";
import { type JsonObject, SlackError } from "./slack-error.ts";
import { secretId } from "./workspace.ts";

/** Slack cuts the text of a message here. */
const TEXT_LIMIT = 40_000;

/** What a call wants shown. */
export interface DraftContent {
  readonly text?: string | undefined;
  readonly blocks?: unknown;
  readonly parse?: string | undefined;
  readonly link_names?: boolean | undefined;
}

export interface Content {
  readonly text: string;
  readonly blocks: readonly KnownBlock[];
}

/**
 * Takes what a call wants shown into a message as Slack would, and notes what people would suffer
 * from.
 *
 * @throws SlackError `no_text`, `invalid_blocks`, `msg_blocks_too_long` …
 */
export function takeContent(recorder: Recorder, method: string, draft: DraftContent): Content {
  const blocks = checkBlocks(draft.blocks ?? [], "message");
  const text = (draft.text ?? "").slice(0, TEXT_LIMIT);
  const warn = (warning: string) => recorder.warnings.push({ method, warning });
  if (text.trim() === "" && blocks.length === 0) throw new SlackError("no_text");
  if (text === "") warn("blocks without a text");
  if (text !== (draft.text ?? "")) warn(`text cut at ${TEXT_LIMIT} characters`);
  if (draft.link_names || draft.parse === "full") warn("names in the text become pings");
  noteFindings(recorder, method, { text, blocks });
  return { text, blocks: withIds(blocks) };
}

/** Notes pings and buttons that a screen reader cannot tell apart. */
export function noteFindings(
  recorder: Recorder,
  method: string,
  content: {
    readonly text?: string;
    readonly blocks?: readonly JsonObject[] | readonly KnownBlock[];
  },
): void {
  for (const ping of findPings(content)) recorder.pings.push({ method, ping });
  for (const button of unlabelledButtons(content.blocks ?? [])) {
    recorder.warnings.push({ method, warning: `button "${button}" without accessibility_label` });
  }
}

/** Slack gives every block an id that came without one. */
export function withIds<Block extends object>(blocks: readonly Block[]): readonly Block[] {
  return blocks.map((block) => ({ block_id: secretId().slice(0, 5), ...block }));
}
