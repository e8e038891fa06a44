import { describe, expect, it } from "vitest";
import { isPast, retryAt } from "#src/deletions/deletion-time.ts";
import { friday } from "#test/support/deletions.ts";

describe("trying again", () => {
  it("comes later from attempt to attempt, and never later than in a quarter of an hour", () => {
    const seconds = [1, 2, 3, 4, 5, 6, 7, 100].map((attempts) =>
      friday.until(retryAt(friday, attempts)).total("seconds"),
    );

    expect(seconds).toEqual([30, 60, 120, 240, 480, 900, 900, 900]);
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
