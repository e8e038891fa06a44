import { describe, expect, it } from "vitest";
import { simulate } from "./simulate.ts";

/** More of them: `npm run test:sim -- --seeds 300`. */
const seeds = Array.from({ length: 60 }, (_, index) => index + 1);

describe("deletions, with everything that can go wrong", () => {
  it("never hit the wrong guest, nor the right one at the wrong time, and all come to an end", async () => {
    let destroys = 0;
    for (const seed of seeds) {
      const { violations, ...result } = await simulate(seed);
      expect(violations, `node test/sim/run.ts --seeds 1 --from ${seed}`).toEqual([]);
      destroys += result.destroys;
    }
    // It would be easy to be safe by doing nothing.
    expect(destroys).toBeGreaterThan(seeds.length);
  }, 120_000);

  it("happen the same way again for the same seed, whatever was before", async () => {
    const first = await simulate(7);
    await simulate(8);
    const second = await simulate(7);

    expect(second.hash).toBe(first.hash);
    expect(second.ios).toBe(first.ios);
  }, 30_000);
});
