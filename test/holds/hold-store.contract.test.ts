import { expect, it } from "vitest";
import { createHoldStore, endOf, isInForce } from "#src/holds/hold-store.ts";
import { clockAt } from "#test/support/clock.ts";
import { describeOnEveryDatabase } from "#test/support/every-database.ts";

const guest = {
  vmid: 103,
  kind: "ct",
  name: "test-runner",
  node: "pve1",
  fingerprint: "ct:1",
} as const;
const bob = { id: "bob", name: "Bob" };
const vacation = { guest, by: bob, reason: "Bob is on vacation" };

describeOnEveryDatabase("the holds", ({ open, openTwice }) => {
  async function setUp() {
    const clock = clockAt("2026-11-24T12:00:00Z");
    return { clock, holds: createHoldStore(await open(), clock) };
  }

  it("are found as they were placed", async () => {
    const { clock, holds } = await setUp();
    const until = clock.now().add({ hours: 24 });

    const placed = await holds.place({ ...vacation, until });

    const expected = { ...vacation, since: clock.now(), until, endedAt: undefined };
    expect(placed).toEqual(expected);
    expect(await holds.find(103)).toEqual(expected);
    expect(await holds.list()).toEqual([expected]);
    expect(await holds.find(104)).toBeUndefined();
  });

  it("end by themselves at their time, and are remembered", async () => {
    const { clock, holds } = await setUp();
    const until = clock.now().add({ hours: 1 });
    await holds.place({ ...vacation, until });

    clock.advance({ minutes: 59 });
    expect(await holds.list()).toHaveLength(1);

    clock.advance({ minutes: 1 });
    expect(await holds.list()).toEqual([]);
    const ended = await holds.find(103);
    expect(ended && isInForce(ended, clock.now())).toBe(false);
    expect(ended && endOf(ended)).toEqual(until);
  });

  it("are ended by a person once, and remembered", async () => {
    const { clock, holds } = await setUp();
    const placed = await holds.place(vacation);
    if (!placed) throw new Error("not placed");
    clock.advance({ hours: 2 });

    expect(await holds.release(placed)).toBe(true);
    expect(await holds.release(placed)).toBe(false);

    expect(await holds.list()).toEqual([]);
    const ended = await holds.find(103);
    expect(ended && endOf(ended)).toEqual(clock.now());
    expect(ended && isInForce(ended, clock.now())).toBe(false);
  });

  it("do not replace one that is in force, whoever asks at the same time", async () => {
    const clock = clockAt("2026-11-24T12:00:00Z");
    const [one, other] = await openTwice();
    const [here, there] = [createHoldStore(one, clock), createHoldStore(other, clock)];
    const both = await Promise.all([
      here.place({ ...vacation, reason: "a court wants it" }),
      there.place(vacation),
    ]);

    expect(both.filter(Boolean)).toHaveLength(1);
    expect(await here.list()).toEqual(both.filter(Boolean));
  });

  it("replace one that has ended, and are not ended in its name", async () => {
    const { clock, holds } = await setUp();
    const first = await holds.place({ ...vacation, until: clock.now().add({ hours: 1 }) });
    clock.advance({ hours: 1 });

    const second = await holds.place({ ...vacation, reason: "a court wants it" });

    expect(await holds.list()).toEqual([second]);
    expect(first && (await holds.release(first))).toBe(false);
    expect(await holds.list()).toEqual([second]);
  });
});
