import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { describe, expect, it } from "vitest";
import {
  furthestEnd,
  isUsedUp,
  type LeaseSpan,
  latestEnd,
  nextEnd,
} from "#src/leases/lease-time.ts";
import type { LeaseTerms } from "#src/policy/lease-rules.ts";

const instant = (text: string) => Temporal.Instant.from(text);
const began = instant("2026-11-24T12:00:00Z");
const lab = { defaultDays: 14, maximumDays: 30, totalDays: 90 };

function span(terms: LeaseTerms = lab): LeaseSpan {
  return { terms, beganAt: began, timeZone: "Europe/Berlin" };
}

const days = (count: number) => ({ hours: 24 * count });
const compare = Temporal.Instant.compare;

describe("the end of a lease", () => {
  it("is in the first morning after its days", () => {
    expect(nextEnd(span(), began)).toEqual(instant("2026-12-09T09:00:00Z"));
    const early = instant("2026-11-24T08:59:00Z");
    expect(nextEnd(span(), early)).toEqual(instant("2026-12-08T09:00:00Z"));
  });

  it("lies no further than the total, and then a week ahead at the least", () => {
    const last = instant("2027-02-23T09:00:00Z");
    expect(nextEnd(span(), began.add(days(80)))).toEqual(last);
    expect(isUsedUp(span(), began.add(days(80)))).toBe(false);

    const late = began.add(days(89));
    expect(nextEnd(span(), late)).toEqual(instant("2027-03-01T09:00:00Z"));
    expect(isUsedUp(span(), late)).toBe(true);
  });

  it("can be put as far as the maximum, and no further than the total", () => {
    expect(furthestEnd(span(), began)).toEqual(instant("2026-12-25T09:00:00Z"));
    expect(furthestEnd(span(), began.add(days(80)))).toEqual(instant("2027-02-23T09:00:00Z"));
    expect(furthestEnd(span({ defaultDays: 14 }), began)).toBeUndefined();
    expect(isUsedUp(span({ defaultDays: 14 }), began.add(days(1000)))).toBe(false);
  });

  const anySpan = fc
    .record({
      usual: fc.integer({ min: 1, max: 400 }),
      more: fc.option(fc.integer({ min: 0, max: 400 })),
      total: fc.option(fc.integer({ min: 0, max: 800 })),
      timeZone: fc.constantFrom("UTC", "Europe/Berlin", "Asia/Kathmandu", "America/Los_Angeles"),
    })
    .map(({ usual, more, total, timeZone }) => {
      const maximumDays = more === null ? undefined : usual + more;
      const totalDays = total === null ? undefined : (maximumDays ?? usual) + total;
      return { terms: { defaultDays: usual, maximumDays, totalDays }, beganAt: began, timeZone };
    });
  const anyTime = fc
    .integer({ min: 0, max: 1000 * 24 * 60 })
    .map((minutes) => began.add({ minutes }));

  it("never comes without notice, and never after what is in order", () => {
    fc.assert(
      fc.property(anySpan, anyTime, (some, now) => {
        const notice = { hours: 24 * Math.min(7, some.terms.defaultDays) - 2 };
        const end = nextEnd(some, now);
        const latest = latestEnd(some, now);

        expect(compare(end, now.add(notice))).toBe(1);
        if (latest) expect(compare(end, latest)).toBeLessThanOrEqual(0);
        const furthest = furthestEnd(some, now);
        if (furthest && latest) expect(compare(furthest, latest)).toBeLessThanOrEqual(0);
      }),
    );
  });

  it("stays in order once it is", () => {
    fc.assert(
      fc.property(anySpan, anyTime, anyTime, (some, one, other) => {
        const [before, after] = compare(one, other) < 0 ? [one, other] : [other, one];
        const [earlier, later] = [latestEnd(some, before), latestEnd(some, after)];

        if (earlier && later) expect(compare(earlier, later)).toBeLessThanOrEqual(0);
      }),
    );
  });
});
