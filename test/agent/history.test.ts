import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { estimateTokens, mendHistory, trimHistory } from "#src/agent/history.ts";
import type { Item } from "#src/agent/model.ts";

const user = (text: string): Item => ({ type: "user", text });
const assistant = (text: string): Item => ({ type: "assistant", text });
const call = (callId: string): Item => ({
  type: "tool-call",
  callId,
  name: "get_guest",
  argumentsJson: "{}",
});
const result = (callId: string, output = "ok"): Item => ({ type: "tool-result", callId, output });
const interrupted = (callId: string) => ({
  type: "tool-result",
  callId,
  output: expect.stringContaining("Interrupted"),
});

/** Whether every call is answered once, before anything else is said, and nothing else is. */
function isWellFormed(items: readonly Item[]): boolean {
  const open = new Set<string>();
  for (const item of items) {
    if (item.type === "tool-call") open.add(item.callId);
    else if (item.type === "tool-result") {
      if (!open.delete(item.callId)) return false;
    } else if (item.type === "user" && open.size > 0) return false;
  }
  return open.size === 0;
}

describe("mending a history", () => {
  it.each([
    [
      "one between the other's call and result",
      [user("a"), call("1"), user("b"), assistant("c"), result("1"), assistant("d")],
      [user("a"), call("1"), result("1"), user("b"), assistant("c"), assistant("d")],
    ],
    [
      "under the same call id",
      [user("a"), call("1"), user("b"), call("1"), result("1", "A"), result("1", "B")],
      [user("a"), call("1"), result("1", "A"), user("b")],
    ],
  ])("makes sense of two processes that spoke in it, %s", (_, items, mended) => {
    expect(mendHistory(items)).toEqual(mended);
  });

  it("leaves a whole one as it is", () => {
    const whole = [user("a"), call("1"), call("2"), result("1"), result("2"), assistant("b")];

    expect(mendHistory(whole)).toEqual(whole);
  });

  it.each([
    ["at the end", [user("a"), call("1")], [user("a"), call("1"), interrupted("1")]],
    [
      "before the next message",
      [user("a"), call("1"), user("b")],
      [user("a"), call("1"), interrupted("1"), user("b")],
    ],
    [
      "before the answer",
      [user("a"), call("1"), assistant("b")],
      [user("a"), call("1"), interrupted("1"), assistant("b")],
    ],
    [
      "beside one that has its result",
      [user("a"), call("1"), call("2"), result("2"), user("b")],
      [user("a"), call("1"), call("2"), interrupted("1"), result("2"), user("b")],
    ],
  ])("answers a call without a result %s", (_, items, mended) => {
    expect(mendHistory(items)).toEqual(mended);
  });

  it("drops a result that nobody called for", () => {
    expect(mendHistory([result("0"), user("a")])).toEqual([user("a")]);
  });
});

describe("trimming a history", () => {
  const long = "x".repeat(400);

  it("drops whole segments, oldest first", () => {
    const items = [user(long), assistant("1"), user("b"), assistant("2"), user("c")];

    expect(trimHistory(items, 50)).toEqual(items.slice(2));
    expect(trimHistory(items, 1000)).toEqual(items);
  });

  it("keeps a call and its result together", () => {
    const items = [user("a"), call("1"), result("1", long), user("b"), assistant("2")];

    expect(trimHistory(items, 20)).toEqual(items.slice(3));
  });

  it("keeps the words of the last segment where that alone is too long", () => {
    const items = [user("a"), call("1"), result("1", long), assistant("It runs.")];

    expect(trimHistory(items, 20)).toEqual([user("a"), assistant("It runs.")]);
  });

  it("keeps what happened before anybody said anything, while it fits", () => {
    const items: Item[] = [{ type: "event", text: "It was deleted." }, user("a")];

    expect(trimHistory(items, 100)).toEqual(items);
  });

  it("never orphans a result, wherever it cuts", () => {
    const segment = fc
      .tuple(
        fc.string(),
        fc.array(fc.tuple(fc.uuid(), fc.string({ maxLength: 60 })), { maxLength: 4 }),
      )
      .map(([text, results]) => [
        user(text),
        ...results.map(([id]) => call(id)),
        ...results.map(([id, output]) => result(id, output)),
        assistant(text),
      ]);
    const histories = fc.array(segment, { maxLength: 6 }).map((segments) => segments.flat());

    fc.assert(
      fc.property(histories, fc.nat(200), fc.nat(40), (items, maxTokens, lost) => {
        const torn = items.slice(0, Math.max(items.length - lost, 0));
        const trimmed = trimHistory(mendHistory(torn), maxTokens);

        expect(isWellFormed(trimmed)).toBe(true);
        const words = trimmed.filter(({ type }) => type === "tool-result");
        const size = trimmed.reduce((sum, item) => sum + estimateTokens(item), 0);
        if (words.length > 0) expect(size).toBeLessThanOrEqual(maxTokens);
      }),
    );
  });
});
