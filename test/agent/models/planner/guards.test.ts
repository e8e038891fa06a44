import { describe, expect, it } from "vitest";
import {
  guardAnswer,
  isNegated,
  isReport,
  quotesSomebody,
  spokenLine,
} from "#src/agent/models/planner/guards.ts";
import { lexicon, read } from "#test/support/planner-words.ts";

describe("guardAnswer", () => {
  it.each([
    ["what happens if i stop §", "that was a question"],
    ["is it safe to delete §", "that was a question"],
    ["stop § . should i delete it", "that was a question"],
    ["i am thinking about deleting §", "did not sound decided"],
    ["maybe restart §", "did not sound decided"],
    ["stop § if it is idle", "cannot wait for a condition"],
    ["delete § after the backup", "cannot wait for something else"],
    ["stop § , i mean §", "corrects itself"],
  ])("says why nothing is done about %j", (line, answer) => {
    expect(guardAnswer(line)).toContain(answer);
  });

  it.each([
    "restart §",
    "delete § after the weekend",
    "stop § as soon as possible",
    "check if § is up",
  ])("lets %j pass", (line) => {
    expect(guardAnswer(line)).toBeUndefined();
  });
});

describe("isReport", () => {
  it.each([
    ["i deleted § yesterday", true],
    ["the admin has just stopped §", true],
    ["§ was restarted", true],
    ["the note says delete §", true],
    ["delete §", false],
    ["i need § restarted", false],
  ])("of %j is %s", (line, told) => {
    expect(isReport(line)).toBe(told);
  });
});

describe("isNegated", () => {
  it.each([
    ["do not stop §", true],
    ["never delete §", true],
    ["not §", true],
    ["stop § but not now", false],
    ["stop §", false],
  ])("of %j is %s", (line, negated) => {
    expect(isNegated(line)).toBe(negated);
  });
});

describe("quotesSomebody", () => {
  it("sees a quotation after a verb of saying, and none in a quoted name", () => {
    expect(quotesSomebody("the note says ¤")).toBe(true);
    expect(quotesSomebody("she wrote to me : delete §")).toBe(true);
    expect(quotesSomebody("restart ¤")).toBe(false);
  });
});

describe("spokenLine", () => {
  it("calls the owners of guests he, whoever they are", () => {
    expect(spokenLine(read("can bob delete web-02"), lexicon)).toBe("can he delete §");
    expect(spokenLine(read("can dave delete web-02"), lexicon)).toBe("can dave delete §");
  });
});
