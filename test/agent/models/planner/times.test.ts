import { describe, expect, it } from "vitest";
import { findTime } from "#src/agent/models/planner/times.ts";
import { wordsOf } from "#src/agent/models/planner/words.ts";

function found(text: string) {
  const { when, rest, isNow } = findTime(wordsOf(text), text);
  return { when, isNow, rest: rest.map(({ raw }) => raw).join(" ") };
}

describe("findTime", () => {
  it.each([
    ["delete web-02 on Friday at 18:00", "Friday at 18:00", "delete web-02"],
    ["on friday delete web-02 at 18:00", "friday 18:00", "delete web-02"],
    ["delete web-02 in 2 days, please", "in 2 days", "delete web-02 , please"],
    ["delete web-02 for 2 days", "for 2 days", "delete web-02"],
    ["postpone web-02 until dec 5 at noon", "dec 5 at noon", "postpone web-02"],
    ["stop web-02", undefined, "stop web-02"],
  ])("separates the time in %j from the rest", (text, when, rest) => {
    expect(found(text)).toMatchObject({ when, rest });
  });

  it("tells now from a time", () => {
    expect(found("stop web-02 right now").isNow).toBe(true);
    expect(found("stop web-02 now or tomorrow").isNow).toBe(false);
  });

  it("gives each time the words before it", () => {
    const text = "delete a-1 tomorrow and b-2 on friday";
    const parts = findTime(wordsOf(text), text).parts.map(({ when }) => when);

    expect(parts).toEqual(["tomorrow", "friday"]);
  });
});
