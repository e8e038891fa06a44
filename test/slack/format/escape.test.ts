import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeText, escapeText, visibleText } from "#src/slack/format/escape.ts";

describe("escapeText", () => {
  it("leaves nothing that Slack takes for markup, whatever comes in", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const escaped = escapeText(text);
        expect(escaped).not.toMatch(/[<>]/);
        expect(escaped.replace(/&(?:amp|lt|gt);/g, "")).not.toContain("&");
      }),
    );
  });

  it("shows what was written", () => {
    expect(escapeText("<!channel> a & b <@U1>")).toBe("&lt;!channel&gt; a &amp; b &lt;@U1&gt;");
  });
});

it("takes out what hides in a text, and keeps its lines", () => {
  expect(visibleText("a\u202eb\u200bc\u0007\r\nd\u2028e\tf\u3164")).toBe("abc\nd\ne\tf");
});

describe("codeText", () => {
  it("stays one piece of code whatever the name is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (name) => {
        expect(codeText(name)).toMatch(/^(?:`[^`\n<>]+`)?$/);
      }),
    );
  });

  it("shows a name", () => {
    expect(codeText("web`01\n<x>")).toBe("`web'01 &lt;x&gt;`");
  });
});
