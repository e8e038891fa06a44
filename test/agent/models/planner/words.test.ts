import { describe, expect, it } from "vitest";
import { editDistance, normalise, wordsOf } from "#src/agent/models/planner/words.ts";

describe("editDistance", () => {
  it.each([
    ["restart", "restart", 0],
    ["restrat", "restart", 1],
    ["delet", "delete", 1],
    ["shutt", "shut", 1],
    ["stop", "start", 3],
  ])("counts the slips between %s and %s", (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
  });
});

describe("wordsOf", () => {
  const texts = (message: string) => wordsOf(normalise(message)).map(({ text }) => text);

  it("keeps names, times and dates whole", () => {
    expect(texts("Stop web-02, delete 103 at 18:00 on 2026-12-24.")).toEqual(
      "stop web-02 , delete 103 at 18:00 on 2026-12-24 .".split(" "),
    );
  });

  it("takes possessives and contractions apart", () => {
    expect(texts("don’t stop bob's VM")).toEqual(["do", "not", "stop", "bob", "'s", "vm"]);
  });

  it("drops characters that cannot be seen", () => {
    expect(texts("stop web\u200b-02\u202e")).toEqual(["stop", "web-02"]);
  });

  it("takes a quotation as one word", () => {
    const [, quoted] = wordsOf(normalise("restart “delete web-02”"));

    expect(quoted).toMatchObject({ text: "delete web-02", quoted: true });
  });
});
