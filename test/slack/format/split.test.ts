import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { escapeText } from "#src/slack/format/escape.ts";
import { splitText } from "#src/slack/format/split.ts";

const limit = 60;
const text = fc
  .array(
    fc.oneof(fc.string({ unit: "grapheme" }), fc.constantFrom("\n", "\n\n", "```", "<&>", " ")),
  )
  .map((parts) => escapeText(parts.join("")));

describe("splitText", () => {
  it("keeps every piece within the limit, and loses no word", () => {
    fc.assert(
      fc.property(text, (whole) => {
        const pieces = splitText(whole, limit);
        expect(pieces.every((piece) => piece.length <= limit && piece !== "")).toBe(true);
        const plain = (part: string) => part.replace(/[\s`]/g, "");
        expect(plain(pieces.join(""))).toBe(plain(whole));
      }),
    );
  });

  it("cuts no escaped character in two", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 80 }), (before) => {
        const pieces = splitText(`${"x".repeat(before)}${"&amp;".repeat(30)}`, limit);
        for (const piece of pieces) expect(piece.replaceAll("&amp;", "")).toMatch(/^x*$/);
      }),
    );
  });

  it("cuts between paragraphs where it can", () => {
    const [first, second] = ["a b ".repeat(10).trim(), "c d ".repeat(10).trim()];
    expect(splitText(`${first}\n\n${second}`, limit)).toEqual([first, second]);
  });

  it("closes a code block and opens it again", () => {
    const line = "0123456789 0123456789";
    const pieces = splitText(`\`\`\`\n${`${line}\n`.repeat(4)}\`\`\``, limit);
    expect(pieces.length).toBeGreaterThan(1);
    for (const piece of pieces) expect(piece).toMatch(/^```\n[\s\S]*\n```$/);
  });
});
