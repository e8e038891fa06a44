import { describe, expect, it } from "vitest";
import { clausesOf, joinLeadingTimes } from "#src/agent/models/planner/clauses.ts";
import { normalise } from "#src/agent/models/planner/words.ts";
import { read, said } from "#test/support/planner-words.ts";

describe("clausesOf", () => {
  it.each([
    ["stop web-01 and web-02", ["stop web-01 and web-02"]],
    ["stop web-01 and restart web-02", ["stop web-01", "restart web-02"]],
    ["stop web-01, then delete dev-bob", ["stop web-01", "delete dev-bob"]],
    ["stop web-01. Is web-02 up?", ["stop web-01 .", "Is web-02 up ?"]],
    ["stop and start web-01", ["stop and start web-01"]],
    ["list the vms and show pve1", ["list the vms", "show pve1"]],
    ["stop web-01, it is stuck", ["stop web-01", "it is stuck"]],
    ['stop "a. b" and web-02', ["stop a. b and web-02"]],
    [" , ! ", []],
  ])("parts %j where another thing is asked for", (text, parts) => {
    expect(clausesOf(read(text)).map(said)).toEqual(parts);
  });
});

describe("joinLeadingTimes", () => {
  it.each([
    ["tomorrow at 9. delete web-02", ["tomorrow at 9 . delete web-02"]],
    ["delete web-02. tomorrow at 9", ["delete web-02 .", "tomorrow at 9"]],
    ["tomorrow at 9", ["tomorrow at 9"]],
  ])("gives a time at the head of %j to what follows", (text, parts) => {
    expect(joinLeadingTimes(clausesOf(read(text)), normalise(text)).map(said)).toEqual(parts);
  });
});
