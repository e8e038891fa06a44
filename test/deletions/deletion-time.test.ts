import { describe, expect, it } from "vitest";
import { isPast, retryAt, soonAt } from "#src/deletions/deletion-time.ts";
import { friday } from "#test/support/deletions.ts";

describe("trying again", () => {
  it("comes later from attempt to attempt, and never later than in a quarter of an hour", () => {
    const seconds = [1, 2, 3, 4, 5, 6, 7, 100].map((attempts) =>
      friday.until(retryAt(friday, attempts)).total("seconds"),
    );

    expect(seconds).toEqual([30, 60, 120, 240, 480, 900, 900, 900]);
  });

  it("comes after as long again where it may pass in no time, up to a quarter of a minute", () => {
    const seconds = [0, 0.5, 1, 2, 4.9, 60, 1_800].map((waited) => {
      const now = friday.add({ milliseconds: waited * 1_000 });
      return now.until(soonAt(now, friday)).total("seconds");
    });

    expect(seconds).toEqual([1, 1, 1, 2, 4, 15, 15]);
  });
});

describe("a time", () => {
  it("is past from its very instant on, or so long after it", () => {
    const justBefore = friday.subtract({ milliseconds: 1 });

    expect([justBefore, friday].map((now) => isPast(now, friday))).toEqual([false, true]);
    const later = (now: typeof friday) => isPast(now.add({ minutes: 30 }), friday, { minutes: 30 });
    expect([justBefore, friday].map(later)).toEqual([false, true]);
  });
});
