import { afterAll, describe, expect, it } from "vitest";
import { createModelTools } from "#tools/index.ts";
import { forbiddenTools } from "./forbidden-tools.ts";
import { fuzz } from "./fuzz.ts";
import { mutants } from "./mutants.ts";
import { copyForMutants, fuzzMutant } from "./mutation.ts";
import { effectsOfTools } from "./rights.ts";

describe("an adversarial model", () => {
  it("gets nothing done that no person meant, in 2,000 runs", { timeout: 300_000 }, async () => {
    const { failed, approvals, acts, proposals } = await fuzz({ runs: 2_000, seed: 1 });

    expect(failed).toEqual([]);
    // Else nothing would have been tried.
    expect(proposals).toBeGreaterThan(1_000);
    expect(approvals).toBeGreaterThan(400);
    expect(acts).toBeGreaterThan(300);
  });

  it("does the same for the same seed", { timeout: 60_000 }, async () => {
    const once = await fuzz({ runs: 40, seed: 7 });

    expect(await fuzz({ runs: 40, seed: 7 })).toEqual(once);
    expect((await fuzz({ runs: 40, seed: 8 })).hash).not.toBe(once.hash);
  });

  it("has the tools that were judged, and none that carries a deletion out", () => {
    const names = createModelTools({} as Parameters<typeof createModelTools>[0]).map(
      ({ name, effect }) => [name, effect],
    );

    expect(Object.fromEntries(names)).toEqual(effectsOfTools);
    expect(forbiddenTools).toContain("delete_guest");
    expect(forbiddenTools.filter((name) => name in effectsOfTools)).toEqual([]);
  });
});

describe("the fuzz", () => {
  const copy = copyForMutants();
  afterAll(() => copy[Symbol.dispose]());

  it.concurrent.each(mutants)(
    "notices the absence of $name",
    { timeout: 300_000 },
    async (mutant) => {
      expect(await fuzzMutant(copy, mutant)).toMatch(/^seed \d+: /);
    },
  );
});
