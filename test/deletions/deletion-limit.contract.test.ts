import { expect, it } from "vitest";
import type { Claim } from "#src/deletions/deletion.ts";
import type { DeletionStore } from "#src/deletions/deletion-store.ts";
import { clockAt } from "#test/support/clock.ts";
import { anEmptySchedule, friday } from "#test/support/deletions.ts";
import { describeOnEveryDatabase } from "#test/support/every-database.ts";
import { claimOne, given, having, nthGuest, plan, schedule } from "./steps.ts";

const onSaturday = { dueAt: friday.add({ hours: 24 }), timeZone: "UTC" };

function aClock() {
  return clockAt("2026-11-21T09:00:00Z");
}

describeOnEveryDatabase("the limit of deletions", ({ open }) => {
  const two = { count: 2, within: { hours: 1 } };

  async function planMany(store: DeletionStore, count: number): Promise<readonly Claim[]> {
    const claims: Claim[] = [];
    for (let vmid = 101; vmid <= 100 + count; vmid += 1) {
      await schedule(store, nthGuest(vmid));
      claims.push(await plan(store));
    }
    return claims;
  }

  it("lets so many begin within so long, and keeps the claim on the others", async () => {
    const time = aClock();
    const store = await anEmptySchedule(time, await open());
    const [first, second, third] = await planMany(store, 3);
    const begun = { state: "preparing", begunAt: time.now(), attempts: 0 };

    expect(await store.begin(given(first), two)).toEqual(having(begun));
    time.advance({ minutes: 1 });
    expect(await store.begin(given(second), two)).toEqual(having({ state: "preparing" }));
    expect(await store.begin(given(third), two)).toBe("limit");

    time.advance({ minutes: 4, seconds: 59 });
    expect(await store.begin(given(third), two)).toBe("limit");
    expect((await store.find(given(third).id)) as Claim).toEqual(
      having({
        leaseUntil: time.now().add({ minutes: 5 }),
      }),
    );
    time.advance({ minutes: 54 });
    expect(await store.begin(given(third), two)).toBe("limit");
    time.advance({ seconds: 1 });
    expect(await store.begin(given(third), two)).toEqual(having({ state: "preparing" }));
  });

  it("does not hold for what a person has let go beyond it", async () => {
    const store = await anEmptySchedule(aClock(), await open());
    const [claim] = await planMany(store, 1);
    await store.reschedule(given(claim), { ...onSaturday, beyondLimit: true });
    await store.release(given(claim), {});

    const none = { count: 0, within: { hours: 1 } };
    expect(await store.begin(await claimOne(store), none)).toEqual(having({ state: "preparing" }));
  });

  it("counts no deletion that was called off before it was begun again", async () => {
    const store = await anEmptySchedule(aClock(), await open());
    const [first, second] = await planMany(store, 2);
    const one = { count: 1, within: { hours: 1 } };
    const begun = (await store.begin(given(first), one)) as Claim;
    await store.release(begun, { state: "held" });
    expect(await store.begin(given(second), one)).toBe("limit");

    await store.reschedule(begun, onSaturday);

    expect(await store.begin(given(second), one)).toEqual(having({ state: "preparing" }));
  });

  it("lets nothing begin but what is planned", async () => {
    const store = await anEmptySchedule(aClock(), await open());
    await schedule(store);

    expect(await store.begin(await claimOne(store), two)).toBeUndefined();
  });

  it("holds however many begin at once", async () => {
    const store = await anEmptySchedule(aClock(), await open());
    const claims = await planMany(store, 20);
    // All connections of a pool are there before they race.
    await Promise.all(claims.map(({ id }) => store.find(id)));

    const begun = await Promise.all(claims.map((claim) => store.begin(claim, two)));

    expect(begun.filter((result) => result === "limit")).toHaveLength(18);
    const states = (await store.listOpen()).map(({ state }) => state);
    expect(states.filter((state) => state === "preparing")).toHaveLength(2);
  });
});
