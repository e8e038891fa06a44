import { expect, it } from "vitest";
import type { Claim, Deletion, NewDeletion } from "#src/deletions/deletion.ts";
import { createDeletionStore, type DeletionStore } from "#src/deletions/deletion-store.ts";
import { createOutboxStore, type Notice } from "#src/outbox/outbox-store.ts";
import type { Database } from "#src/storage/database.ts";
import { clockAt, type ManualClock } from "#test/support/clock.ts";
import { aNewDeletion, friday } from "#test/support/deletions.ts";
import { describeOnEveryDatabase } from "#test/support/every-database.ts";
import { alice, bob } from "#test/support/people.ts";

const saturday = friday.add({ hours: 24 });
const onSaturday = { dueAt: saturday, timeZone: "UTC" };
const event = { etag: '"1"', startsAt: friday };
const notice: Notice = { key: "k1", recipient: "channel", message: "It was moved." };
const noLimit = { count: 1000, within: { hours: 1 } };

function nthGuest(vmid: number): NewDeletion {
  return aNewDeletion({ guest: { ...aNewDeletion().guest, vmid, fingerprint: `fp-${vmid}` } });
}

function clock(): ManualClock {
  return clockAt("2026-11-21T09:00:00Z");
}

let minted = 0;
function storeOf(db: Database, time: ManualClock): DeletionStore {
  return createDeletionStore(db, time, () => `d${++minted}`);
}

/** Expected to be there. */
function given<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("it is not there");
  return value;
}

async function claimOne(store: DeletionStore): Promise<Claim> {
  const [claim] = await store.claimDue("a", 1);
  return given(claim);
}

/** As the scheduler does it once the event is in the calendar. */
async function plan(store: DeletionStore): Promise<Claim> {
  return given(await store.advance(await claimOne(store), { state: "planned", event }));
}

async function schedule(store: DeletionStore, deletion = aNewDeletion()): Promise<Deletion> {
  return given(await store.schedule(deletion));
}

describeOnEveryDatabase("the schedule of deletions, for people,", ({ open }) => {
  async function setUp() {
    const time = clock();
    const db = await open();
    const store = storeOf(db, time);
    return { db, time, store, deletion: await schedule(store) };
  }

  it("keeps everything, the zone of the words included", async () => {
    const { store, time } = await setUp();
    const asked = nthGuest(110);
    const guest = { ...asked.guest, pool: "ci" };

    const { id } = await schedule(store, { ...asked, guest, withoutBackup: true });

    expect(await store.find(id)).toMatchObject({
      ...asked,
      guest,
      id,
      state: "inserting",
      revision: 1,
      requestedAt: time.now(),
      confirmedAt: time.now(),
      withoutBackup: true,
      beyondLimit: false,
      event: undefined,
      nextAt: time.now(),
    });
  });

  it("keeps whole seconds of a time, as calendars do", async () => {
    const { store, deletion } = await setUp();
    const dueAt = saturday.add({ milliseconds: 999 });

    expect((await store.reschedule(deletion, { ...onSaturday, dueAt }))?.dueAt).toEqual(saturday);
  });

  it("allows one open deletion of a guest", async () => {
    const { store, deletion } = await setUp();

    expect(await store.schedule(aNewDeletion(onSaturday))).toBeUndefined();
    expect(await store.listOpen()).toEqual([deletion]);
  });

  it("allows one of many who ask at the same time", async () => {
    const store = storeOf(await open(), clock());

    const scheduled = await Promise.all([1, 2, 3, 4, 5].map(() => store.schedule(aNewDeletion())));

    expect(scheduled.filter(Boolean)).toHaveLength(1);
  });

  it("takes another guest with the same VMID for another guest", async () => {
    const { store } = await setUp();
    const successor = { ...aNewDeletion().guest, fingerprint: "fp-103-again" };

    await schedule(store, aNewDeletion({ guest: successor }));

    expect((await store.findOpen(successor))?.guest).toMatchObject(successor);
  });

  it("allows it again once the last one is over", async () => {
    const { store, deletion } = await setUp();
    await store.cancel(deletion.id, bob);

    expect(await store.findOpen(deletion.guest)).toBeUndefined();
    expect(await store.schedule(aNewDeletion())).toBeDefined();
  });

  it("lists the soonest first", async () => {
    const store = storeOf(await open(), clock());
    await schedule(store, aNewDeletion(onSaturday));
    await schedule(store, nthGuest(104));

    const listed = await store.listOpen();

    expect(listed.map(({ guest }) => guest.vmid)).toEqual([104, 103]);
  });

  it("lists those of which a backup is kept, the latest first", async () => {
    const time = clock();
    const store = storeOf(await open(), time);
    const backup = { storage: "pbs", volume: "vm/103" };
    for (const vmid of [101, 102, 103, 104]) {
      await schedule(store, nthGuest(vmid));
      time.advance({ minutes: 1 });
      const state = vmid === 104 ? "cancelled" : "done";
      const kept = vmid === 102 ? null : backup;
      await store.release(await claimOne(store), {
        state,
        backup: kept,
        committedAt: time.now(),
        nextAt: null,
      });
    }

    const restorable = await store.listRestorable();

    expect(restorable.map(({ guest }) => guest.vmid)).toEqual([103, 101]);
  });

  it("moves one as a new revision, which the old confirmation does not cover", async () => {
    const { store, time, deletion } = await setUp();
    time.advance({ minutes: 1 });

    const moved = await store.reschedule(deletion, onSaturday);

    expect(moved).toEqual({
      ...deletion,
      ...onSaturday,
      revision: 2,
      confirmedBy: undefined,
      confirmedAt: undefined,
      nextAt: time.now(),
    });
    expect(await store.find(deletion.id)).toEqual(moved);
  });

  it("keeps who confirmed the new time, and what was said about backup and limit", async () => {
    const { store, deletion } = await setUp();
    const said = {
      confirmedBy: { id: bob.id, name: bob.name },
      withoutBackup: true,
      beyondLimit: true,
    };

    expect(await store.reschedule(deletion, { ...onSaturday, ...said })).toMatchObject(said);
    const again = { id: deletion.id, revision: 2 };
    const later = { withoutBackup: false, beyondLimit: false, confirmedBy: undefined };
    expect(await store.reschedule(again, onSaturday)).toMatchObject(later);
  });

  it("does not move a revision that is not the latest", async () => {
    const { store, deletion } = await setUp();
    await store.reschedule(deletion, onSaturday);

    const stale = await store.reschedule(deletion, { dueAt: friday, timeZone: "UTC" });

    expect(stale).toBeUndefined();
    expect((await store.find(deletion.id))?.dueAt).toEqual(saturday);
  });

  it("plans a held one again, or has it written into the calendar if it never was", async () => {
    const { store, deletion } = await setUp();
    const held = { state: "held", reason: "The guest is not found.", attempts: 3 } as const;
    await store.release(await claimOne(store), held);
    const inserting = await store.reschedule(deletion, onSaturday);
    expect(inserting).toMatchObject({ state: "inserting", reason: undefined, attempts: 0 });

    await store.release(await plan(store), held);
    const planned = await store.reschedule(given(inserting), onSaturday);
    expect(planned).toMatchObject({ state: "planned", revision: 3, event });
  });

  it.each(["inserting", "planned", "held", "preparing"] as const)(
    "cancels one that is %s, once, and says who did it",
    async (state) => {
      const { store, time, deletion } = await setUp();
      await store.release(await claimOne(store), { state, nextAt: null });
      time.advance({ minutes: 1 });

      expect(await store.cancel(deletion.id, bob)).toBe(true);
      expect(await store.cancel(deletion.id, alice)).toBe(false);
      expect(await store.find(deletion.id)).toMatchObject({
        state: "cancelled",
        reason: "Cancelled by Bob.",
        nextAt: time.now(),
      });
      expect(await store.listOpen()).toEqual([]);
    },
  );

  it.each(["destroying", "done", "failed", "cancelled"] as const)(
    "neither cancels nor moves one that is %s",
    async (state) => {
      const { store, deletion } = await setUp();
      await store.release(await claimOne(store), { state });

      expect(await store.cancel(deletion.id, bob)).toBe(false);
      expect(await store.reschedule(deletion, onSaturday)).toBeUndefined();
      expect((await store.find(deletion.id))?.state).toBe(state);
    },
  );

  it("does not move one that is being prepared", async () => {
    const { store, deletion } = await setUp();
    await store.release(await claimOne(store), { state: "preparing" });

    expect(await store.reschedule(deletion, onSaturday)).toBeUndefined();
  });
});

describeOnEveryDatabase("a claim on a deletion", ({ open, openTwice }) => {
  async function setUp() {
    const time = clock();
    const db = await open();
    const store = storeOf(db, time);
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
    const time = clock();
    const stores = (await openTwice()).map((db) => storeOf(db, time));
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

    expect(next).toMatchObject({ id: lost.id, fence: lost.fence + 1 });
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

    expect(kept).toMatchObject({ attempts: 1, fence: claim.fence });
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

    expect(written).toMatchObject(facts);
    expect(await store.find(written.id)).toEqual(written);
    const nothing = { task: null, backup: null, mark: null, reason: null, upid: null } as const;
    const none = { task: undefined, backup: undefined, mark: undefined, reason: undefined };
    const cleared = await store.advance(written, { ...nothing, committedAt: null, nextAt: null });
    expect(cleared).toMatchObject({
      ...none,
      upid: undefined,
      nextAt: undefined,
      event: facts.event,
    });
  });

  it("is over once it was let go", async () => {
    const { store, deletion } = await setUp();
    const claim = await claimOne(store);
    expect(await store.release(claim, { attempts: 1 })).toBe(true);

    expect(await store.advance(claim, { attempts: 7 })).toBeUndefined();
    expect(await store.release(claim, { attempts: 7 })).toBe(false);
    expect(await store.claimDue("b", 1)).toMatchObject([{ id: deletion.id, attempts: 1 }]);
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

    expect(await store.claimDue("b", 1)).toMatchObject([{ state: "cancelled" }]);
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

    expect(await outbox.claim()).toMatchObject(notice);
    expect(await outbox.claim()).toMatchObject({ key: "k2" });
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
    const time = clock();
    const store = storeOf(await open(), time);
    const [first, second, third] = await planMany(store, 3);
    const begun = { state: "preparing", begunAt: time.now(), attempts: 0 };

    expect(await store.begin(given(first), two)).toMatchObject(begun);
    time.advance({ minutes: 1 });
    expect(await store.begin(given(second), two)).toMatchObject({ state: "preparing" });
    expect(await store.begin(given(third), two)).toBe("limit");

    time.advance({ minutes: 4, seconds: 59 });
    expect(await store.begin(given(third), two)).toBe("limit");
    expect((await store.find(given(third).id)) as Claim).toMatchObject({
      leaseUntil: time.now().add({ minutes: 5 }),
    });
    time.advance({ minutes: 54 });
    expect(await store.begin(given(third), two)).toBe("limit");
    time.advance({ seconds: 1 });
    expect(await store.begin(given(third), two)).toMatchObject({ state: "preparing" });
  });

  it("does not hold for what a person has let go beyond it", async () => {
    const store = storeOf(await open(), clock());
    const [claim] = await planMany(store, 1);
    await store.reschedule(given(claim), { ...onSaturday, beyondLimit: true });
    await store.release(given(claim), {});

    const none = { count: 0, within: { hours: 1 } };
    expect(await store.begin(await claimOne(store), none)).toMatchObject({ state: "preparing" });
  });

  it("counts no deletion that was called off before it was begun again", async () => {
    const store = storeOf(await open(), clock());
    const [first, second] = await planMany(store, 2);
    const one = { count: 1, within: { hours: 1 } };
    const begun = (await store.begin(given(first), one)) as Claim;
    await store.release(begun, { state: "held" });
    expect(await store.begin(given(second), one)).toBe("limit");

    await store.reschedule(begun, onSaturday);

    expect(await store.begin(given(second), one)).toMatchObject({ state: "preparing" });
  });

  it("lets nothing begin but what is planned", async () => {
    const store = storeOf(await open(), clock());
    await schedule(store);

    expect(await store.begin(await claimOne(store), two)).toBeUndefined();
  });

  it("holds however many begin at once", async () => {
    const store = storeOf(await open(), clock());
    const claims = await planMany(store, 20);
    // All connections of a pool are there before they race.
    await Promise.all(claims.map(({ id }) => store.find(id)));

    const begun = await Promise.all(claims.map((claim) => store.begin(claim, two)));

    expect(begun.filter((result) => result === "limit")).toHaveLength(18);
    const states = (await store.listOpen()).map(({ state }) => state);
    expect(states.filter((state) => state === "preparing")).toHaveLength(2);
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
