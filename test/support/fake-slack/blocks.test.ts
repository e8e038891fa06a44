import type { KnownBlock } from "@slack/types";
import { describe, expect, it } from "vitest";
import { checkBlocks } from "./blocks/check-blocks.ts";
import { checkView } from "./blocks/check-view.ts";
import { findPings, unlabelledButtons } from "./blocks/findings.ts";
import { type JsonObject, SlackError } from "./slack-error.ts";

const long = (length: number) => "x".repeat(length);
const plain = (text: string) => ({ type: "plain_text", text });
const mrkdwn = (text: string) => ({ type: "mrkdwn", text });
const section = (text: string) => ({ type: "section", text: mrkdwn(text) });
const button = (more: JsonObject = {}) => ({ type: "button", text: plain("Stop web-01"), ...more });
const actions = (...elements: unknown[]) => ({ type: "actions", elements });
const cell = (text: string) => ({ type: "raw_text", text });
const table = (rows: number, columns: number, text = "x") => ({
  type: "table",
  rows: Array.from({ length: rows }, () => Array.from({ length: columns }, () => cell(text))),
});
const many = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index));
const modal = (more: JsonObject = {}) => ({
  type: "modal",
  title: plain("Delete"),
  blocks: [],
  ...more,
});

/** What Slack says to blocks; undefined when it takes them. */
function refusal(blocks: unknown, surface: "message" | "modal" | "home" = "message") {
  return caught(() => checkBlocks(blocks, surface));
}

function viewRefusal(view: JsonObject, type: "modal" | "home" = "modal") {
  return caught(() => checkView(view, type));
}

function caught(act: () => unknown): { code: string; details: string } | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (!(error instanceof SlackError)) throw error;
    return { code: error.code, details: JSON.stringify(error.details) };
  }
}

describe("blocks that Slack takes", () => {
  it.each<[string, unknown[]]>([
    ["every limit reached and none passed", many(50, () => section("x"))],
    ["a section of 3,000 characters", [section(long(3_000))]],
    ["fields", [{ type: "section", fields: many(10, () => mrkdwn("x")) }]],
    ["a header of 150 characters", [{ type: "header", text: plain(long(150)) }]],
    ["25 buttons", [actions(...many(25, (index) => button({ action_id: `a${index}` })))]],
    [
      "the longest button",
      [
        actions({
          ...button({ action_id: long(255), value: long(2_000) }),
          text: plain(long(75)),
          accessibility_label: long(75),
        }),
      ],
    ],
    ["a table of 100 rows and 20 columns", [table(100, 20)]],
    ["markdown of 12,000 characters", [{ type: "markdown", text: long(12_000) }]],
    [
      "a divider and a context",
      [{ type: "divider" }, { type: "context", elements: [mrkdwn("x")] }],
    ],
  ])("%s", (_, blocks) => {
    expect(refusal(blocks)).toBeUndefined();
  });

  it("takes what @slack/types describes", () => {
    const blocks: KnownBlock[] = [
      {
        type: "section",
        text: { type: "mrkdwn", text: "*web-01*" },
        accessory: {
          type: "overflow",
          action_id: "more",
          options: [{ text: { type: "plain_text", text: "Stop web-01" }, value: "stop" }],
        },
      },
      {
        type: "rich_text",
        elements: [
          {
            type: "rich_text_list",
            style: "bullet",
            elements: [
              {
                type: "rich_text_section",
                elements: [
                  { type: "text", text: "bold", style: { bold: true } },
                  { type: "date", timestamp: 1, format: "{date}", fallback: "then" },
                ],
              },
            ],
          },
        ],
      },
      { type: "task_card", task_id: "1", title: "Stop web-01", status: "complete" },
      {
        type: "data_table",
        caption: "Guests",
        rows: [
          [
            { type: "raw_text", text: "VMID" },
            { type: "raw_text", text: "CPUs" },
          ],
          [
            { type: "raw_text", text: "101" },
            { type: "raw_number", value: 2, text: "2" },
          ],
        ],
      },
    ];

    expect(refusal(blocks)).toBeUndefined();
  });
});

describe("blocks that Slack refuses", () => {
  it.each<[string, unknown[], string]>([
    ["51 blocks", many(51, () => section("x")), "no more than 50 items"],
    ["a section that is too long", [section(long(3_001))], "must be less than 3001 characters"],
    ["a section without text", [{ type: "section" }], "missing required field: text"],
    ["an empty text", [section("")], "must be more than 0 characters"],
    ["a field that is too long", [{ type: "section", fields: [mrkdwn(long(2_001))] }], "2001"],
    ["11 fields", [{ type: "section", fields: many(11, () => mrkdwn("x")) }], "no more than 10"],
    ["a long header", [{ type: "header", text: plain(long(151)) }], "less than 151"],
    ["a header in mrkdwn", [{ type: "header", text: mrkdwn("x") }], "/blocks/0/text/type"],
    ["11 context elements", [{ type: "context", elements: many(11, () => mrkdwn("x")) }], "10"],
    ["26 buttons", [actions(...many(26, (index) => button({ action_id: `a${index}` })))], "25"],
    ["no buttons", [actions()], "no fewer than 1 items"],
    [
      "one action_id twice in a block",
      [actions(button({ action_id: "a" }), button({ action_id: "a" }))],
      "duplicate action_id a",
    ],
    ["one block_id twice", many(2, () => ({ type: "divider", block_id: "b" })), "block_id b"],
    ["a long button", [actions({ ...button(), text: plain(long(76)) })], "less than 76"],
    ["a long value", [actions(button({ value: long(2_001) }))], "less than 2001"],
    ["a long label", [actions(button({ accessibility_label: long(76) }))], "less than 76"],
    ["a long action_id", [actions(button({ action_id: long(256) }))], "less than 256"],
    ["a long block_id", [{ type: "divider", block_id: long(256) }], "less than 256"],
    ["a style there is not", [actions(button({ style: "warning" }))], "/elements/0/style"],
    ["a URL that is none", [actions(button({ url: "web-01" }))], "/elements/0/url"],
    [
      "a long confirm title",
      [
        actions(
          button({
            confirm: {
              title: plain(long(101)),
              text: plain("Sure?"),
              confirm: plain("Yes"),
              deny: plain("No"),
            },
          }),
        ),
      ],
      "less than 101",
    ],
    ["101 rows", [table(101, 1)], "no more than 100 items"],
    ["21 columns", [table(1, 21)], "no more than 20 items"],
    ["an empty cell", [table(1, 1, "")], "must be more than 0 characters"],
    ["a table that is too long", [table(100, 1, long(101))], "10000 characters"],
    [
      "rows of different lengths in a data table",
      [{ type: "data_table", caption: "x", rows: [[cell("a"), cell("b")], [cell("c")]] }],
      "as many cells",
    ],
    [
      "rich text at the head of a data table",
      [
        {
          type: "data_table",
          caption: "x",
          rows: [[{ type: "rich_text", elements: [] }], [cell("a")]],
        },
      ],
      "not allowed in the first row",
    ],
    ["a card without anything", [{ type: "card" }], "missing required field: title"],
    [
      "an image from nowhere",
      [{ type: "image", alt_text: "x" }],
      "missing required field: image_url",
    ],
    ["a type there is not", [{ type: "heading", text: plain("x") }], "unsupported type"],
    ["a field there is not", [{ type: "divider", color: "red" }], "additional property: color"],
    ["an element there is not", [actions({ type: "knob" })], "/blocks/0/elements/0/type"],
    ["an input among the actions", [actions({ type: "plain_text_input" })], "unsupported type"],
  ])("%s", (_, blocks, wording) => {
    expect(refusal(blocks)?.code).toBe("invalid_blocks");
    expect(refusal(blocks)?.details).toContain(wording);
  });

  it("names the place of what is wrong", () => {
    const details = refusal([section("fine"), section(long(3_001))])?.details;

    expect(details).toContain("[json-pointer:/blocks/1/text/text]");
  });

  it("two tables in a message", () => {
    expect(refusal([table(1, 1), table(1, 1)])).toMatchObject({
      code: "invalid_attachments",
      details: expect.stringContaining("only_one_table_allowed"),
    });
  });

  it("markdown of more than 12,000 characters over all blocks", () => {
    const halves = many(2, () => ({ type: "markdown", text: long(6_001) }));

    expect(refusal(halves)?.code).toBe("msg_blocks_too_long");
  });

  it("more text than a message holds, though each block is within its limit", () => {
    expect(refusal(many(4, () => section(long(3_000))))).toBeUndefined();
    expect(refusal(many(5, () => section(long(3_000))))?.code).toBe("msg_blocks_too_long");
  });

  it("what is no list of blocks", () => {
    expect(refusal({ type: "divider" })?.code).toBe("invalid_blocks_format");
    expect(refusal("[{")?.code).toBe("invalid_blocks_format");
  });

  it("tables and markdown outside of messages", () => {
    expect(refusal([table(1, 1)], "home")?.details).toContain("/blocks/0/type");
    expect(refusal([{ type: "markdown", text: "x" }], "modal")?.code).toBe("invalid_blocks");
  });
});

describe("views", () => {
  const input = {
    type: "input",
    block_id: "name",
    label: plain("Name"),
    element: { type: "plain_text_input", action_id: "name" },
  };

  it("holds 100 blocks in a modal and in the home tab", () => {
    const blocks = many(100, () => section("x"));

    expect(viewRefusal(modal({ blocks }))).toBeUndefined();
    expect(viewRefusal({ type: "home", blocks }, "home")).toBeUndefined();
    expect(viewRefusal(modal({ blocks: [...blocks, section("x")] }))?.code).toBe(
      "invalid_arguments",
    );
  });

  it.each<[string, JsonObject, string]>([
    ["a long title", { title: plain(long(25)) }, "/view/title/text"],
    ["no title", { title: undefined }, "missing required field"],
    ["a long submit", { submit: plain(long(25)) }, "/view/submit/text"],
    ["a long close", { close: plain(long(25)) }, "/view/close/text"],
    ["long metadata", { private_metadata: long(3_001) }, "/view/private_metadata"],
    ["a long callback_id", { callback_id: long(256) }, "/view/callback_id"],
    ["an input without a submit", { blocks: [input] }, "submit"],
    ["a field there is not", { colour: "red" }, "additional property: colour"],
    ["bad blocks", { blocks: [section("")] }, "/blocks/0/text/text"],
  ])("refuses %s", (_, more, wording) => {
    expect(viewRefusal(modal(more))?.code).toBe("invalid_arguments");
    expect(viewRefusal(modal(more))?.details).toContain(wording);
  });

  it("refuses a modal as a home tab", () => {
    expect(viewRefusal(modal(), "home")?.code).toBe("invalid_arguments");
  });

  it("refuses a view of more than 250 kB", () => {
    const blocks = many(90, () => section(long(3_000)));

    expect(viewRefusal(modal({ blocks }))?.code).toBe("view_too_large");
  });
});

describe("findings", () => {
  it("finds pings where Slack reads them", () => {
    expect(findPings({ text: "<!channel> and <!here|here> and <@U0ALICE>" })).toEqual([
      "<!channel>",
      "<!here|here>",
      "<@U0ALICE>",
    ]);
    expect(findPings([section("<!everyone>")])).toEqual(["<!everyone>"]);
    expect(findPings([{ type: "markdown", text: "<!subteam^S1>" }])).toEqual(["<!subteam^S1>"]);
    expect(findPings([{ type: "user", user_id: "U0BOB" }])).toHaveLength(1);
  });

  it("finds none in escaped text, plain text and dates", () => {
    expect(findPings({ text: "&lt;!channel&gt; <!date^1^{time}|then> <#C1> @here" })).toEqual([]);
    expect(
      findPings([{ type: "header", text: plain("<!channel>") }, table(1, 1, "<!here>")]),
    ).toEqual([]);
  });

  it("finds buttons that do not say what they act on", () => {
    const blocks = [
      actions(
        button(),
        { ...button(), text: plain("Delete…") },
        { ...button(), text: plain("Stop it now") },
        { ...button(), text: plain("Delete"), accessibility_label: "Delete VM 101 web-01" },
      ),
    ];

    expect(unlabelledButtons(blocks)).toEqual(["Delete…", "Stop it now"]);
  });
});
