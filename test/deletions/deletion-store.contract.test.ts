import { describe, expect, it } from "vitest";
import { type Deletion, nobodyKnown } from "#src/deletions/deletion.ts";
import type { DeletionStore } from "#src/deletions/deletion-store.ts";
import { clockAt } from "#test/support/clock.ts";
import { aNewDeletion, anEmptySchedule, friday } from "#test/support/deletions.ts";
import { describeOnEveryDatabase } from "#test/support/every-database.ts";
import { alice, bob, carol } from "#test/support/people.ts";
import { claimOne, event, given, having, nthGuest, plan, schedule } from "./steps.ts";

const saturday = friday.add({ hours: 24 });
const onSaturday = { dueAt: saturday, timeZone: "UTC" };

function aClock() {
  return clockAt("2026-11-21T09:00:00Z");
}

describeOnEveryDatabase("the schedule of deletions, for people,", ({ open }) => {
  async function setUp() {
    const time = aClock();
    const db = await open();
    const store = await anEmptySchedule(time, db);
    return { db, time, store, deletion: await schedule(store) };
  }

  it("keeps everything, the zone of the words included", async () => {
    const { store, time } = await setUp();
    const asked = nthGuest(110);
    const guest = { ...asked.guest, pool: "ci" };

    const { id } = await schedule(store, { ...asked, guest, withoutBackup: true });

    expect(await store.find(id)).toEqual(
      having({
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
      }),
    );
  });

  it("puts nothing on hold that is the end of a lease, and the deletion that somebody made of it", async () => {
    const { store } = await setUp();
    const asked = { ...nthGuest(111), confirmedBy: undefined, ofLease: true };
    const end = await schedule(store, asked);
    expect(await store.hold(111, "it is on hold")).toBe(false);

    await store.takeOver(end, { ...asked, confirmedBy: bob });

    expect(await store.hold(111, "it is on hold")).toBe(true);
  });

  it("keeps of one that it is the end of a lease, also when it is moved", async () => {
    const { store } = await setUp();
    const end = await schedule(store, { ...nthGuest(111), confirmedBy: undefined, ofLease: true });
    expect(await store.reschedule(end, onSaturday)).toMatchObject({ ofLease: true, revision: 2 });
    expect((await store.listOpen()).filter(({ ofLease }) => ofLease)).toHaveLength(1);
  });

  describe("makes the end of a lease a deletion that somebody asks for", () => {
    const ofBob = { ...nthGuest(111), confirmedBy: undefined, ofLease: true };
    const guest = { ...ofBob.guest, name: "renamed", node: "pve2", pool: "ci" };
    const confirmedBy = { id: "carol", name: "Carol" };
    const approvedBy = [{ id: "alice", name: "Alice" }];
    const asked = { ...onSaturday, guest, requestedBy: confirmedBy, confirmedBy, approvedBy };

    it("with all that a new one has, under the same id", async () => {
      const { store, time } = await setUp();
      const end = await schedule(store, ofBob);
      time.advance({ minutes: 1 });

      const taken = await store.takeOver(end, { ...asked, withoutBackup: true });

      expect(taken).toEqual({
        ...end,
        ...asked,
        revision: 2,
        requestedAt: time.now(),
        confirmedAt: time.now(),
        ofLease: false,
        withoutBackup: true,
        nextAt: time.now(),
      });
      expect(await store.find(end.id)).toEqual(taken);
    });

    it("and tells whose lease it was, unless that is the same person or nobody", async () => {
      const { db, store } = await setUp();
      const told = () => db.selectFrom("outbox").selectAll().execute();
      const ends = [carol, nobodyKnown].map((by, n) => ({
        ...nthGuest(112 + n),
        confirmedBy: undefined,
        ofLease: true,
        requestedBy: { id: by.id, name: by.name },
      }));
      for (const end of ends) {
        await store.takeOver(await schedule(store, end), { ...asked, guest: end.guest });
      }
      expect(await told()).toEqual([]);

      const end = await schedule(store, ofBob);
      await store.takeOver(end, asked);

      expect((await told()).map(({ recipient, message }) => [recipient, message])).toEqual([
        [
          "user:bob",
          "renamed (CT 111 on pve2) will be deleted for good on Sat 28 Nov 2026, 17:00 UTC, in 7 days, after a backup, asked by Carol, confirmed by Alice. Until then it can be kept or postponed. That takes the place of the end of its lease.",
        ],
      ]);
    });

    it.each<[string, (store: DeletionStore, end: Deletion) => Promise<unknown>]>([
      ["was extended meanwhile", (store, end) => store.reschedule(end, onSaturday)],
      ["was confirmed meanwhile", (store, end) => store.takeOver(end, { ...asked, guest })],
      ["was taken back meanwhile", (store, end) => store.withdraw(end, "no lease")],
    ])("unless it %s", async (_, meanwhile) => {
      const { db, store } = await setUp();
      const end = await schedule(store, ofBob);
      await meanwhile(store, end);
      const before = await store.find(end.id);
      await db.deleteFrom("outbox").execute();

      expect(await store.takeOver(end, asked)).toBeUndefined();

      expect(await store.find(end.id)).toEqual(before);
      expect(await db.selectFrom("outbox").selectAll().execute()).toEqual([]);
    });

    it.each([
      ["confirmed", { ofLease: true }],
      ["of no lease", { confirmedBy: undefined }],
    ])("and none that is %s", async (_, facts) => {
      const { store } = await setUp();
      const other = await schedule(store, { ...nthGuest(111), ...facts });

      expect(await store.takeOver(other, asked)).toBeUndefined();
      expect(await store.find(other.id)).toEqual(having({ requestedBy: other.requestedBy }));
    });
  });

  it("withdraws only what nobody has confirmed, and that in this very version", async () => {
    const { store, deletion } = await setUp();
    const end = await schedule(store, { ...nthGuest(111), confirmedBy: undefined, ofLease: true });
    expect(await store.withdraw(deletion, "no lease")).toBe(false);
    await store.reschedule(end, onSaturday);
    expect(await store.withdraw(end, "no lease")).toBe(false);

    expect(await store.withdraw({ ...end, revision: 2 }, "no lease")).toBe(true);

    expect(await store.find(end.id)).toMatchObject({ state: "cancelled", reason: "no lease" });
    expect(await store.listOpen()).toEqual([deletion]);
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
    const store = await anEmptySchedule(aClock(), await open());

    const scheduled = await Promise.all([1, 2, 3, 4, 5].map(() => store.schedule(aNewDeletion())));

    expect(scheduled.filter(Boolean)).toHaveLength(1);
  });

  it("takes another guest with the same VMID for another guest", async () => {
    const { store } = await setUp();
    const successor = { ...aNewDeletion().guest, fingerprint: "fp-103-again" };

    await schedule(store, aNewDeletion({ guest: successor }));

    expect((await store.findOpen(successor))?.guest).toEqual(having(successor));
  });

  it("allows it again once the last one is over", async () => {
    const { store, deletion } = await setUp();
    await store.cancel(deletion.id, bob);

    expect(await store.findOpen(deletion.guest)).toBeUndefined();
    expect(await store.schedule(aNewDeletion())).toBeDefined();
  });

  it("lists the soonest first", async () => {
    const store = await anEmptySchedule(aClock(), await open());
    await schedule(store, aNewDeletion(onSaturday));
    await schedule(store, nthGuest(104));

    const listed = await store.listOpen();

    expect(listed.map(({ guest }) => guest.vmid)).toEqual([104, 103]);
  });

  it("lists those of which a backup is kept, the latest first", async () => {
    const time = aClock();
    const store = await anEmptySchedule(time, await open());
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
      approvedBy: [{ id: "alice", name: "Alice" }],
      withoutBackup: true,
      beyondLimit: true,
    };

    expect(await store.reschedule(deletion, { ...onSaturday, ...said })).toEqual(having(said));
    const again = { id: deletion.id, revision: 2 };
    const nobody = { confirmedBy: undefined, approvedBy: undefined };
    const later = { withoutBackup: false, beyondLimit: false, ...nobody };
    expect(await store.reschedule(again, onSaturday)).toEqual(having(later));
  });

  it("takes down once under which VMID a guest came back", async () => {
    const { store, deletion } = await setUp();
    const { id } = deletion;

    const marked = [103, 104].map((vmid) => store.markRestored(id, undefined, vmid));

    expect(await Promise.all(marked)).toEqual([true, false]);
    expect((await store.find(id))?.restoredAs).toBe(103);
    expect(await store.markRestored(id, 103, 105)).toBe(true);
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
    expect(inserting).toEqual(having({ state: "inserting", reason: undefined, attempts: 0 }));

    await store.release(await plan(store), held);
    const planned = await store.reschedule(given(inserting), onSaturday);
    expect(planned).toEqual(having({ state: "planned", revision: 3, event }));
  });

  it.each(["inserting", "planned", "held", "preparing"] as const)(
    "cancels one that is %s, once, and says who did it",
    async (state) => {
      const { store, time, deletion } = await setUp();
      await store.release(await claimOne(store), { state, nextAt: null });
      time.advance({ minutes: 1 });

      expect(await store.cancel(deletion.id, bob)).toBe(true);
      expect(await store.cancel(deletion.id, alice)).toBe(false);
      expect(await store.find(deletion.id)).toEqual(
        having({
          state: "cancelled",
          reason: "Cancelled by Bob.",
          nextAt: time.now(),
        }),
      );
      expect(await store.listOpen()).toEqual([]);
    },
  );

  it.each(["inserting", "planned", "preparing"] as const)(
    "puts one that is %s on hold for its guest, once, and tells people why",
    async (state) => {
      const { db, store, deletion } = await setUp();
      if (state !== "inserting") await store.advance(await plan(store), { state });
      const claim = given(await store.find(deletion.id));

      expect(await store.hold(103, "Alice has put it on hold (audit)")).toBe(true);
      expect(await store.hold(103, "again")).toBe(false);

      const reason = "Alice has put it on hold (audit)";
      expect(await store.find(deletion.id)).toEqual(having({ state: "held", reason, revision: 1 }));
      expect(await store.advance(claim, { state: "destroying" })).toBeUndefined();
      const told = await db.selectFrom("outbox").selectAll().execute();
      expect(told.map(({ recipient }) => recipient).sort()).toEqual(["channel", "user:bob"]);
      expect(told[0]?.message).toContain("is on hold: Alice has put it on hold (audit).");
    },
  );

  it.each(["destroying", "done", "cancelled"] as const)(
    "puts none on hold that is %s, nor that of another guest",
    async (state) => {
      const { db, store, deletion } = await setUp();
      await store.release(await claimOne(store), { state });
      await schedule(store, nthGuest(104));

      expect(await store.hold(103, "too late")).toBe(false);

      expect((await store.find(deletion.id))?.state).toBe(state);
      expect((await store.listOpen()).filter((one) => one.state === "held")).toEqual([]);
      expect(await db.selectFrom("outbox").selectAll().execute()).toEqual([]);
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
