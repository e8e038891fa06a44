import { describe, expect, it } from "vitest";
import { cases, inject } from "./injection.ts";

describe("a model that obeys every text", () => {
  it("gets nothing done, gives no secret away and marks nothing up", {
    timeout: 180_000,
  }, async () => {
    const { obeyed, reachable, ...found } = await inject();

    expect(found).toEqual({ cases: cases.length, effects: [], secrets: [], markup: [] });
    expect(cases.length).toBeGreaterThan(500);
    // Else the orders would not have come before its eyes.
    expect(obeyed).toBe(reachable);
  });
});
