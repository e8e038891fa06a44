import { expect, it } from "vitest";
import type { Claim, Deletion } from "#src/deletions/deletion.ts";
import type { DeletionStore } from "#src/deletions/deletion-store.ts";
import { createOutboxStore, type Notice } from "#src/outbox/outbox-store.ts";
import { clockAt, type ManualClock } from "#test/support/clock.ts";
import { anEmptySchedule, friday } from "#test/support/deletions.ts";
import { describeOnEveryDatabase } from "#test/support/every-database.ts";
import { bob } from "#test/support/people.ts";
import { claimOne, given, having, nthGuest, plan, schedule } from "./steps.ts";

const saturday = friday.add({ hours: 24 });
const onSaturday = { dueAt: saturday, timeZone: "UTC" };
const notice: Notice = { key: "k1", recipient: "channel", message: "It was moved." };
const noLimit = { count: 1000, within: { hours: 1 } };

function aClock() {
  return clockAt("2026-11-21T09:00:00Z");
}

describeOnEveryDatabase("a claim on a deletion", ({ open, openTwice }) => {
  async function setUp() {
    const time = aClock();
    const db = await open();
    const store = await anEmptySchedule(time, db);
    const outbox = createOutboxStore(db, time);
    return { db, time, store, outbox, deletion: await schedule(store) };
  }

  it("is on what wants attention, at the very instant, the longest waiting first", async () => {
    const { store, time } = await setUp();
    time.advance({ seconds: 1 });
    await schedule(store, nthGuest(104));
    await store.release(await claimOne(store), { nextAt: friday });
    await store.release(await claimOne(store), { nextAt: friday.subtract({ hours: 1 }) });

    time.advance(time.now().until(friday).subtract({ milliseconds: 1 }));
    expect((await store.claimDue("a", 9)).map(({ guest }) => guest.vmid)).toEqual([104]);
    time.advance({ milliseconds: 1 });
    expect((await store.claimDue("a", 9)).map(({ guest }) => guest.vmid)).toEqual([103]);
  });

  it("is on no more than was asked for, and the oldest of them", async () => {
    const { store, time } = await setUp();
    for (const vmid of [104, 105, 106]) {
      time.advance({ seconds: 1 });
      await schedule(store, nthGuest(vmid));
    }

    const claims = await store.claimDue("a", 2);

    expect(claims.map(({ guest }) => guest.vmid)).toEqual([103, 104]);
  });

  it("is not on what wants no attention any more", async () => {
    const { store } = await setUp();
    await store.release(await claimOne(store), { state: "held", nextAt: null });

    expect(await store.claimDue("a", 9)).toEqual([]);
  });

  it("is had by one of many who want it, on one connection and on two", async () => {
    const time = aClock();
    const [here, there] = await openTwice();
    const stores = [await anEmptySchedule(time, here), await anEmptySchedule(time, there)];
    for (let vmid = 101; vmid <= 105; vmid += 1) await schedule(given(stores[0]), nthGuest(vmid));

    const takers = [...stores, ...stores, ...stores, ...stores];
    const claims = await Promise.all(takers.map((store, index) => store.claimDue(`w${index}`, 9)));

    const vmids = claims.flat().map(({ guest }) => guest.vmid);
    expect(vmids.sort()).toEqual([101, 102, 103, 104, 105]);
  });

  it("ends with its lease, and then it is the next one's", async () => {
    const { store, time } = await setUp();
    const lost = await claimOne(store);
    time.advance({ minutes: 5 });
    time.advance({ milliseconds: -1 });
    expect(await store.claimDue("b", 1)).toEqual([]);

    time.advance({ milliseconds: 1 });
    const [next] = await store.claimDue("b", 1);

    expect(next).toEqual(having({ id: lost.id, fence: lost.fence + 1 }));
  });

  it("is not believed when its lease is from a clock that has been put back since", async () => {
    const { store, time } = await setUp();
    time.advance({ hours: 2 });
    await claimOne(store);

    time.advance({ minutes: -5 });
    expect(await store.claimDue("b", 1)).toEqual([]);
    time.advance({ milliseconds: -1 });
    expect(await store.claimDue("b", 1)).toHaveLength(1);
  });

  it("is kept for another lease with each step", async () => {
    const { store, time } = await setUp();
    const claim = await claimOne(store);
    time.advance({ minutes: 4 });

    const kept = given(await store.advance(claim, { attempts: 1 }));

    expect(kept).toEqual(having({ attempts: 1, fence: claim.fence }));
    expect(kept.leaseUntil).toEqual(time.now().add({ minutes: 5 }));
    time.advance({ minutes: 4 });
    expect(await store.claimDue("b", 1)).toEqual([]);
  });

  it("writes down every fact, and takes it away again", async () => {
    const { store, time } = await setUp();
    const facts = {
      state: "preparing",
      event: { etag: '"2"', startsAt: saturday },
      eventGone: true,
      remindedRevision: 1,
      attempts: 2,
      stoppedByUs: true,
      task: { step: "shutdown", upid: "UPID:1" },
      backup: { storage: "pbs", volume: "vm/103", until: saturday },
      committedAt: time.now(),
      upid: "UPID:2",
      mark: "del-1",
      reason: "The node is away.",
      nextAt: saturday,
    } as const;

    const written = given(await store.advance(await claimOne(store), facts));

    expect(written).toEqual(having(facts));
    expect(await store.find(written.id)).toEqual(written);
    const nothing = { task: null, backup: null, mark: null, reason: null, upid: null } as const;
    const none = { task: undefined, backup: undefined, mark: undefined, reason: undefined };
    const cleared = await store.advance(written, { ...nothing, committedAt: null, nextAt: null });
    expect(cleared).toEqual(
      having({
        ...none,
        upid: undefined,
        nextAt: undefined,
        event: facts.event,
      }),
    );
  });

  it("is over once it was let go", async () => {
    const { store, deletion } = await setUp();
    const claim = await claimOne(store);
    expect(await store.release(claim, { attempts: 1 })).toBe(true);

    expect(await store.advance(claim, { attempts: 7 })).toBeUndefined();
    expect(await store.release(claim, { attempts: 7 })).toBe(false);
    expect(await store.claimDue("b", 1)).toEqual([having({ id: deletion.id, attempts: 1 })]);
  });

  it.each<[string, (store: DeletionStore, claim: Claim, time: ManualClock) => Promise<unknown>]>([
    ["another worker has taken over", takeOver],
    ["a person has moved it", (store, claim) => store.reschedule(claim, onSaturday)],
    ["a person has cancelled it", (store, claim) => store.cancel(claim.id, bob)],
  ])("changes nothing and says nothing once %s", async (_, intervene) => {
    const { store, time, outbox } = await setUp();
    const claim = await plan(store);
    await intervene(store, claim, time);
    const before = facts(await store.find(claim.id));

    expect(await store.begin(claim, noLimit)).toBeUndefined();
    expect(await store.advance(claim, { state: "destroying" }, [notice])).toBeUndefined();
    expect(await store.release(claim, { state: "destroying" }, [notice])).toBe(false);

    expect(facts(await store.find(claim.id))).toEqual(before);
    expect(await outbox.claim()).toBeUndefined();
  });

  it("does not keep others from what a person has changed, once its worker has noticed", async () => {
    const { store, deletion } = await setUp();
    const claim = await claimOne(store);
    await store.cancel(deletion.id, bob);
    expect(await store.claimDue("b", 1)).toEqual([]);

    await store.advance(claim, { state: "planned" });

    expect(await store.claimDue("b", 1)).toEqual([having({ state: "cancelled" })]);
  });

  it("does not take the lease from whoever has taken over", async () => {
    const { store, time } = await setUp();
    const lost = await claimOne(store);
    await takeOver(store, lost, time);

    await store.release(lost, {});

    expect(await store.claimDue("c", 1)).toEqual([]);
  });

  it("says what it has to say together with the change", async () => {
    const { store, outbox } = await setUp();

    const claim = await store.advance(await claimOne(store), { attempts: 1 }, [notice]);
    await store.release(given(claim), {}, [notice, { ...notice, key: "k2" }]);

    expect(await outbox.claim()).toEqual(having({ ...notice }));
    expect(await outbox.claim()).toEqual(having({ key: "k2" }));
    expect(await outbox.claim()).toBeUndefined();
  });

  it("changes nothing where what is to be said cannot be written down", async () => {
    const { db, store, deletion } = await setUp();
    const claim = await claimOne(store);
    await db.schema.dropTable("outbox").execute();

    await expect(store.advance(claim, { attempts: 1 }, [notice])).rejects.toThrow("outbox");

    expect((await store.find(deletion.id))?.attempts).toBe(0);
  });
});

/** The lease ends, and somebody else takes the deletion. */
async function takeOver(store: DeletionStore, _: Claim, time: ManualClock): Promise<void> {
  time.advance({ minutes: 5 });
  expect(await store.claimDue("other", 1)).toHaveLength(1);
}

/** What a deletion says of itself, without whose work it is. */
function facts(deletion: Deletion | undefined): Deletion {
  const { fence, leaseUntil, ...rest } = given(deletion) as Claim;
  return rest;
}
