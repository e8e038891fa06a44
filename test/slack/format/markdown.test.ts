import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { safeMarkdown, toMrkdwn } from "#src/slack/format/markdown.ts";

/** Texts made of what is dangerous, and of anything else. */
const nasty = fc
  .array(
    fc.oneof(
      fc.constantFrom("<!channel>", "<@U0ALICE>", "@here", "@", "](", "![x](https://evil.example)"),
      fc.constantFrom("[a]: https://evil.example", "**", "`", "```\n", "# ", "- ", " ", "\n", "&"),
      fc.string({ unit: "binary" }),
    ),
  )
  .map((parts) => parts.join(""));

describe("safeMarkdown", () => {
  it("pings nobody and hides no address, whatever the model writes", () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const safe = safeMarkdown(text);
        expect(safe).not.toMatch(/[<>]/);
        expect(safe).not.toMatch(/@(?:here|channel|everyone|group)\b/i);
        expect(safe).not.toMatch(/\][([:]/);
      }),
    );
  });

  it("stays as it was streamed when more words follow", () => {
    fc.assert(
      fc.property(nasty, fc.constantFrom(" ", "\n"), nasty, (before, space, after) => {
        const streamed = safeMarkdown(before + space);
        expect(safeMarkdown(before + space + after).startsWith(streamed)).toBe(true);
      }),
    );
  });

  it("keeps what Markdown is for", () => {
    const text = "**web-01** is `running`: 2 CPUs, 4 GB";
    expect(safeMarkdown(text)).toBe(text);
  });

  it("keeps lines apart, which Markdown would join", () => {
    expect(safeMarkdown("a\nb \n\nc")).toBe("a  \nb  \n\nc");
    expect(toMrkdwn(safeMarkdown("a\nb \n\nc"))).toBe("a\nb\n\nc");
  });
});

describe("toMrkdwn", () => {
  it("says the same in Slack's own markup", () => {
    expect(toMrkdwn("# Guests\n\n- **web-01** runs\n* web-02\n\n```\n# no heading\n```")).toBe(
      "*Guests*\n\n• *web-01* runs\n• web-02\n\n```\n# no heading\n```",
    );
  });

  it("is never longer", () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const safe = safeMarkdown(text);
        expect(toMrkdwn(safe).length).toBeLessThanOrEqual(safe.length);
      }),
    );
  });
});
