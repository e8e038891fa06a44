import type { KnownBlock } from "@slack/types";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ActionReport } from "#src/actions/action-report.ts";
import type { Guest } from "#src/proxmox/guest.ts";
import { formatAnswer } from "#src/slack/format/answer.ts";
import { messageLength } from "#src/slack/format/limits.ts";
import type { SlackMessage } from "#src/slack/format/message.ts";
import { aGuest } from "#test/support/guests.ts";
import { aContext } from "#test/support/tool-context.ts";
import { listGuests } from "#tools/guests/list-guests.ts";

/** What the tool itself says of these guests. */
async function listing(guests: readonly Guest[]): Promise<ActionReport> {
  const list = async () => ({ guests, nameless: [], ownersUnread: [] });
  const tool = listGuests({ guests: { list, listWithOwners: list }, people: () => [] });
  const all = { node: null, status: null, kind: null, tag: null, owner: null, name: null };
  const plan = await tool.plan(all, aContext());
  const outcome = await plan.apply(aContext());
  return { call: { tool: "list_guests", input: all }, decision: "allow", outcome };
}

function someGuests(count: number): readonly Guest[] {
  return Array.from({ length: count }, (_, index) =>
    aGuest({ vmid: 100 + index, name: `guest-${index}`, tags: ["web", "a-rather-long-tag-name"] }),
  );
}

function tablesIn(messages: readonly SlackMessage[]) {
  return messages
    .flatMap(({ blocks }) => blocks)
    .filter((block) => block.type === "table")
    .map(({ rows }) => rows.map((row) => row.map((cell) => ("text" in cell ? cell.text : ""))));
}

function expectWithinLimits(messages: readonly SlackMessage[]) {
  expect(messages.length).toBeGreaterThan(0);
  for (const { text, blocks } of messages) {
    expect(text.trim()).not.toBe("");
    expect(text.length).toBeLessThanOrEqual(4_000);
    expect(text).not.toMatch(/[<>]/);
    expect(blocks.length).toBeLessThanOrEqual(50);
    const shown = blocks.flatMap(textsOf);
    expect(shown.join("").length).toBeLessThanOrEqual(12_000);
    for (const part of shown) expect(part).not.toMatch(/^$|[<>]/);
    expect(blocks.filter(({ type }) => type === "table").length).toBeLessThanOrEqual(1);
  }
}

function textsOf(block: KnownBlock): readonly string[] {
  if (block.type === "markdown") return [block.text];
  if (block.type !== "table") throw new Error(`No block of type ${block.type} was expected.`);
  expect(block.rows.length).toBeLessThanOrEqual(100);
  return block.rows.flat().map((cell) => ("text" in cell ? cell.text : ""));
}

describe("an answer", () => {
  it("is one message where it is short", () => {
    expect(formatAnswer({ reply: "**web-01** <runs> & is well.", calls: [] })).toEqual([
      {
        text: "*web-01* &lt;runs&gt; &amp; is well.",
        blocks: [{ type: "markdown", text: "**web-01** &lt;runs&gt; &amp; is well." }],
      },
    ]);
  });

  it("stays within Slack's limits, whatever the model and the cluster say", () => {
    const report = (output: string): ActionReport => ({
      call: { tool: "list_guests", input: {} },
      decision: "allow",
      outcome: { kind: "done", output },
    });
    const row = fc
      .tuple(
        fc.nat(),
        fc.array(fc.string({ unit: "binary", minLength: 1 }), { minLength: 5, maxLength: 5 }),
      )
      .map(([vmid, cells]) => `${vmid} ct ${cells.join(" ")}`);
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary", maxLength: 30_000, size: "max" }),
          fc.constant("\u200b"),
        ),
        fc.array(row, { maxLength: 30 }),
        (reply, rows) => {
          const calls = [report(rows.join("\n"))];
          const messages = formatAnswer({ reply, calls });
          expectWithinLimits(messages);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("says that it is cut where it would flood the thread", () => {
    const messages = formatAnswer({ reply: "word ".repeat(20_000), calls: [] });

    expectWithinLimits(messages);
    expect(messages.at(-1)?.text).toContain("left out");
    expect(messages.length).toBe(7);
  });
});

describe("a list of guests", () => {
  it("is a table below words that leave it to the table", async () => {
    const guests = [
      aGuest({ vmid: 101, name: "web-01", owner: undefined, tags: [] }),
      aGuest({ vmid: 102, name: "web-02", kind: "vm", status: "stopped" }),
    ];
    const [message, ...others] = formatAnswer({
      reply: "There are two guests.",
      calls: [await listing(guests)],
    });

    expect(others).toEqual([]);
    expect(message?.blocks.map(({ type }) => type)).toEqual(["markdown", "table"]);
    expect(tablesIn(message ? [message] : [])).toEqual([
      [
        ["vmid", "kind", "name", "node", "status", "tags", "owner"],
        ["101", "ct", "web-01", "pve1", "running", "-", "-"],
        ["102", "vm", "web-02", "pve1", "stopped", "prod,web", "alice"],
      ],
    ]);
    expect(message?.text).toContain("102 vm web-02 pve1 stopped prod,web alice");
  });

  it("takes the place of the same lines in the reply", async () => {
    const report = await listing(someGuests(3));
    const output = report.outcome.kind === "done" ? String(report.outcome.output) : "";
    const [message] = formatAnswer({ reply: output, calls: [report] });

    expect(message?.blocks[0]).toEqual({ type: "markdown", text: "3 of 3 guests:" });
    expect(message?.blocks[1]?.type).toBe("table");
  });

  it("is left out where the reply speaks of some of the guests", async () => {
    const calls = [await listing(someGuests(9))];
    const messages = formatAnswer({ reply: "The largest is guest-7 (CT 107).", calls });

    expect(tablesIn(messages)).toEqual([]);
  });

  it("of 500 guests fits messages, and says that there are more", async () => {
    const messages = formatAnswer({
      reply: "These are the guests.",
      calls: [await listing(someGuests(500))],
    });

    expectWithinLimits(messages);
    const shown = tablesIn(messages).flatMap(([, ...rows]) => rows.map(([vmid]) => vmid));
    expect(shown).toEqual(Array.from({ length: 100 }, (_, index) => String(100 + index)));
    expect(messages[0]?.text).toContain("400 more are not shown: narrow it down");
  });

  it("goes below the words only where both fit", async () => {
    const calls = [await listing(someGuests(30))];
    const reply = "word ".repeat((messageLength - 500) / 5);
    const messages = formatAnswer({ reply, calls });

    expectWithinLimits(messages);
    expect(messages.map(({ blocks }) => blocks.map(({ type }) => type))).toEqual([
      ["markdown"],
      ["table"],
    ]);
  });
});
