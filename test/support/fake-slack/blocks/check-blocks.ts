import type { KnownBlock } from "@slack/types";
import { invalid, SlackError } from "#test/support/fake-slack/slack-error.ts";

/** Where blocks are shown, and how many of them fit there. */
export const BLOCKS_PER_SURFACE = { message: 50, modal: 100, home: 100 } as const;
export type Surface = keyof typeof BLOCKS_PER_SURFACE;

/**
 * The blocks, if Slack would take them.
 *
 * @throws SlackError `invalid_blocks_format`, `invalid_blocks` or `msg_blocks_too_long`.
 */
export function checkBlocks(blocks: unknown, surface: Surface): readonly KnownBlock[] {
  const list = typeof blocks === "string" ? parse(blocks) : blocks;
  if (!Array.isArray(list)) throw new SlackError("invalid_blocks_format");
  const most = BLOCKS_PER_SURFACE[surface];
  if (list.length > most) {
    throw invalid("invalid_blocks", [
      `[ERROR] no more than ${most} items allowed [json-pointer:/blocks]`,
    ]);
  }
  return list as KnownBlock[];
}

function parse(blocks: string): unknown {
  try {
    return JSON.parse(blocks);
  } catch {
    throw new SlackError("invalid_blocks_format");
  }
}
