import { describe, expect, it } from "vitest";
import type { ActionReport, Outcome } from "#src/actions/action-report.ts";
import { toolOutput } from "#src/agent/tool-output.ts";

const report = (outcome: Outcome): ActionReport => ({
  call: { tool: "list_guests", input: {} },
  decision: "allow",
  summary: "A plan.",
  outcome,
});
const done = (output: unknown) => report({ kind: "done", output });

describe("what the model gets of a call", () => {
  it("is a read's text as it is, and anything else as JSON", () => {
    expect(toolOutput(done("101 ct web-01"), true, 100)).toBe("101 ct web-01");
    expect(toolOutput(done({ vmid: 101 }), true, 100)).toBe('{"vmid":101}');
    expect(toolOutput(done(undefined), true, 100)).toBe("");
  });

  it("says of a change how it ended, in so many words", () => {
    const unchanged = report({ kind: "unchanged", message: "It runs already." });

    expect(JSON.parse(toolOutput(unchanged, false, 100))).toEqual({
      result: "unchanged",
      summary: "A plan.",
      message: "It runs already.",
    });
  });

  it("is cut at a line's end and says how to see the rest", () => {
    const lines = Array.from({ length: 50 }, (_, index) => `${index} a guest`).join("\n");

    const cut = toolOutput(done(lines), true, 100);

    expect(cut).toMatch(/^0 a guest\n(\d a guest\n)+\[Cut: .*Narrow the query/);
    expect(cut.split("\n[Cut")[0]?.length).toBeLessThanOrEqual(100);
    expect(toolOutput(done("x".repeat(300)), true, 100)).toMatch(/^x{100}\n\[Cut: .* 100 of 300 /);
  });

  it("has no characters that hide or reorder text", () => {
    const output = "web\u202e10\u200b-01\u0007\tup\nnext";

    expect(toolOutput(done(output), true, 100)).toBe("web10-01\tup\nnext");
  });
});
