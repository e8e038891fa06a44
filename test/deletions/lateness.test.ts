import { beforeEach, describe, expect, it } from "vitest";
import type { Claim } from "#src/deletions/deletion.ts";
import { refuseWhenLate, refuseWithoutLease } from "#src/deletions/lateness.ts";
import { clockAt, type ManualClock } from "#test/support/clock.ts";
import { anEmptySchedule, friday } from "#test/support/deletions.ts";
import { claimOne, schedule } from "./steps.ts";

const settings = { preparationTime: { hours: 6 } };
let clock: ManualClock;
let claim: Claim;

beforeEach(async () => {
  clock = clockAt(friday.toString());
  const store = await anEmptySchedule(clock);
  await schedule(store);
  claim = { ...(await claimOne(store)), begunAt: friday };
});

describe("a step that was checked", () => {
  it("is taken while the lease lasts for a minute more", () => {
    clock.advance({ minutes: 3 });
    expect(() => refuseWithoutLease(claim, { clock })).not.toThrow();
    expect(() => refuseWhenLate(claim, { clock, settings })).not.toThrow();
  });

  it("is not taken by a lease that somebody else may have by then", () => {
    clock.advance({ minutes: 4, seconds: 1 });
    expect(() => refuseWithoutLease(claim, { clock })).toThrow("Too much time has passed");
    expect(() => refuseWhenLate(claim, { clock, settings })).toThrow("Too much time has passed");
  });

  it("is not taken over the time of its deletion, whatever the lease", () => {
    const leaseUntil = friday.add({ hours: 24 });
    clock.advance({ hours: 6, minutes: 1 });
    const late = { ...claim, leaseUntil };
    expect(() => refuseWithoutLease(late, { clock })).not.toThrow();
    expect(() => refuseWhenLate(late, { clock, settings })).toThrow("It is too late for this");
  });
});
