import type { KnownBlock } from "@slack/types";
import { z } from "zod";
import { slackMessages } from "#test/support/fake-slack/issues.ts";
import { invalid, type JsonObject, SlackError } from "#test/support/fake-slack/slack-error.ts";
import { anyBlock } from "./schemas.ts";

/** Where blocks are shown, and how many of them fit there. */
const BLOCKS_PER_SURFACE = { message: 50, modal: 100, home: 100 } as const;
export type Surface = keyof typeof BLOCKS_PER_SURFACE;

/** Characters of all markdown blocks of a message together. */
const MARKDOWN_LIMIT = 12_000;
/** Characters of everything that a message's blocks show; undocumented, measured by others. */
const MESSAGE_TEXT_LIMIT = 13_200;

/** Characters of all cells of a table. */
const TABLE_TEXT_LIMIT = 10_000;

/** A message shows one of them at most. */
const TABLES: ReadonlySet<string> = new Set(["table", "data_table"]);

/** Blocks that only messages show. */
const MESSAGE_ONLY: ReadonlySet<string> = new Set([
  "context_actions",
  "data_table",
  "markdown",
  "plan",
  "table",
  "task_card",
]);

/**
 * The blocks, if Slack would take them.
 *
 * @throws SlackError `invalid_blocks_format`, `invalid_blocks`, `invalid_attachments` or
 * `msg_blocks_too_long`, with what is wrong and where.
 */
export function checkBlocks(sent: unknown, surface: Surface): readonly KnownBlock[] {
  const list = typeof sent === "string" ? parse(sent) : sent;
  if (!Array.isArray(list)) throw new SlackError("invalid_blocks_format");
  const parsed = z.array(anyBlock).max(BLOCKS_PER_SURFACE[surface]).safeParse(list, {
    reportInput: true,
  });
  if (!parsed.success) throw invalid("invalid_blocks", slackMessages(parsed.error, ["blocks"]));
  const blocks = list as readonly JsonObject[];
  checkIds(blocks);
  if (surface === "message") checkMessage(blocks);
  else checkView(blocks);
  return list;
}

function parse(blocks: string): unknown {
  try {
    return JSON.parse(blocks);
  } catch {
    throw new SlackError("invalid_blocks_format");
  }
}

/** `block_id` is unique in a message, `action_id` in a block. */
function checkIds(blocks: readonly JsonObject[]): void {
  refuseTwins(
    blocks.map((block) => block.block_id),
    "block_id",
  );
  for (const block of blocks) {
    if (block.type !== "actions") continue;
    const elements = block.elements as readonly JsonObject[];
    refuseTwins(
      elements.map((element) => element.action_id),
      "action_id",
    );
  }
}

function refuseTwins(ids: readonly unknown[], name: string): void {
  const given = ids.filter((id) => id !== undefined);
  const twin = given.find((id, index) => given.indexOf(id) !== index);
  if (twin === undefined) return;
  throw invalid("invalid_blocks", [`[ERROR] duplicate ${name} ${twin} [json-pointer:/blocks]`]);
}

function checkMessage(blocks: readonly JsonObject[]): void {
  checkTables(blocks);
  const markdown = blocks.filter(({ type }) => type === "markdown");
  if (shownLength(markdown) > MARKDOWN_LIMIT || shownLength(blocks) > MESSAGE_TEXT_LIMIT) {
    throw new SlackError("msg_blocks_too_long");
  }
}

function checkTables(blocks: readonly JsonObject[]): void {
  const nested = blocks.flatMap(({ child_blocks: children }) => children ?? []) as JsonObject[];
  const tables = [...blocks, ...nested].filter(({ type }) => TABLES.has(String(type)));
  if (tables.length > 1) throw invalid("invalid_attachments", ["only_one_table_allowed"]);
  if (shownLength(tables) <= TABLE_TEXT_LIMIT) return;
  const message = `[ERROR] no more than ${TABLE_TEXT_LIMIT} characters allowed in a table`;
  throw invalid("invalid_blocks", [message]);
}

function checkView(blocks: readonly JsonObject[]): void {
  const index = blocks.findIndex(({ type }) => MESSAGE_ONLY.has(String(type)));
  if (index < 0) return;
  throw invalid("invalid_blocks", [
    `[ERROR] unsupported type [json-pointer:/blocks/${index}/type]`,
  ]);
}

/** Characters of every `text` in there. */
function shownLength(node: unknown): number {
  if (typeof node !== "object" || node === null) return 0;
  if (Array.isArray(node)) return node.reduce((sum: number, each) => sum + shownLength(each), 0);
  const { text, ...rest } = node as JsonObject;
  const own = typeof text === "string" ? text.length : shownLength(text);
  return own + shownLength(Object.values(rest));
}
