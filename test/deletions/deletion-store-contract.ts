import { describe, expect, it } from "vitest";
import { createDeletionStore } from "#src/deletions/deletion-store.ts";
import type { Database } from "#src/storage/database.ts";
import { clockAt } from "#test/support/clock.ts";
import { aNewDeletion, friday } from "#test/support/deletions.ts";
import { alice, bob } from "#test/support/people.ts";

const saturday = friday.add({ hours: 24 });

/** What every database has to do for the schedule of deletions. */
export function describeDeletionStore(openDatabase: () => Promise<Database>): void {
  async function setup() {
    const clock = clockAt("2026-11-21T09:00:00Z");
    const store = createDeletionStore(await openDatabase(), clock);
    return { clock, store };
  }

  async function setupPlanned() {
    const { clock, store } = await setup();
    const deletion = await store.schedule(aNewDeletion());
    if (!deletion) throw new Error("nothing was scheduled");
    return { clock, store, deletion };
  }

  describe("scheduling", () => {
    it("keeps everything, the zone of the words included", async () => {
      const { store, clock, deletion } = await setupPlanned();

      expect(await store.find(deletion.id)).toEqual({
        ...aNewDeletion(),
        id: deletion.id,
        state: "planned",
        revision: 1,
        requestedAt: clock.now(),
        upid: undefined,
        reason: undefined,
      });
    });

    it("allows one open deletion of a guest at a time", async () => {
      const { store, deletion } = await setupPlanned();

      expect(await store.schedule(aNewDeletion({ dueAt: saturday }))).toBeUndefined();
      expect(await store.listOpen()).toEqual([deletion]);
    });

    it("takes another guest with the same VMID for another guest", async () => {
      const { store } = await setupPlanned();
      const { guest } = aNewDeletion();
      const successor = { ...guest, fingerprint: "fp-103-again" };

      expect(await store.schedule(aNewDeletion({ guest: successor }))).toBeDefined();
      expect((await store.findOpen(successor))?.guest).toEqual(successor);
    });

    it("allows it again once the last one is over", async () => {
      const { store, deletion } = await setupPlanned();
      await store.claim(deletion);
      await store.markDone(deletion.id, "UPID:1");

      expect(await store.schedule(aNewDeletion())).toBeDefined();
    });

    it("lists the soonest first", async () => {
      const { store } = await setup();
      const guest = { ...aNewDeletion().guest, vmid: 104, fingerprint: "fp-104" };
      await store.schedule(aNewDeletion({ dueAt: saturday }));
      await store.schedule(aNewDeletion({ guest }));

      const vmids = (await store.listOpen()).map((deletion) => deletion.guest.vmid);
      expect(vmids).toEqual([104, 103]);
    });
  });

  describe("moving", () => {
    it("makes a new revision, which the old confirmation does not cover", async () => {
      const { store, deletion } = await setupPlanned();

      const moved = await store.reschedule(deletion, { dueAt: saturday, timeZone: "UTC" });

      expect(moved).toEqual({
        ...deletion,
        dueAt: saturday,
        timeZone: "UTC",
        revision: 2,
        confirmedBy: undefined,
      });
      expect(await store.find(deletion.id)).toEqual(moved);
    });

    it("keeps who confirmed the new time", async () => {
      const { store, deletion } = await setupPlanned();
      const time = {
        dueAt: saturday,
        timeZone: "UTC",
        confirmedBy: { id: bob.id, name: bob.name },
      };

      expect((await store.reschedule(deletion, time))?.confirmedBy).toEqual(time.confirmedBy);
    });

    it("is refused for a revision that is not the latest", async () => {
      const { store, deletion } = await setupPlanned();
      await store.reschedule(deletion, { dueAt: saturday, timeZone: "UTC" });

      expect(await store.reschedule(deletion, { dueAt: friday, timeZone: "UTC" })).toBeUndefined();
      expect((await store.find(deletion.id))?.dueAt).toEqual(saturday);
    });

    it("plans a held one again", async () => {
      const { store, deletion } = await setupPlanned();
      await store.hold(deletion, "The guest is not found.");

      const moved = await store.reschedule(deletion, { dueAt: saturday, timeZone: "UTC" });

      expect(moved).toMatchObject({ state: "planned", reason: undefined });
    });
  });

  describe("being due", () => {
    it("begins at the very instant", async () => {
      const { store, clock, deletion } = await setupPlanned();
      clock.advance(clock.now().until(friday).subtract({ milliseconds: 1 }));
      expect(await store.due()).toEqual([]);

      clock.advance({ milliseconds: 1 });
      expect(await store.due()).toEqual([deletion]);
    });

    it("is over for what is held, cancelled or being carried out", async () => {
      for (const end of ["hold", "cancel", "claim"] as const) {
        const { store, clock, deletion } = await setupPlanned();
        clock.advance({ hours: 24 * 30 });
        if (end === "hold") await store.hold(deletion, "wait");
        if (end === "cancel") await store.cancel(deletion.id, bob);
        if (end === "claim") await store.claim(deletion);

        expect(await store.due(), end).toEqual([]);
      }
    });
  });

  describe("carrying out", () => {
    it("is claimed by one of many", async () => {
      const { store, deletion } = await setupPlanned();

      const claims = await Promise.all([1, 2, 3].map(() => store.claim(deletion)));

      expect(claims.filter(Boolean)).toHaveLength(1);
      expect((await store.find(deletion.id))?.state).toBe("executing");
    });

    it("does not begin for a revision that is not the latest", async () => {
      const { store, deletion } = await setupPlanned();
      await store.reschedule(deletion, { dueAt: saturday, timeZone: "UTC" });

      expect(await store.claim(deletion)).toBe(false);
      expect(await store.hold(deletion, "late")).toBe(false);
      expect((await store.find(deletion.id))?.state).toBe("planned");
    });

    it("cannot be cancelled, moved or held once begun", async () => {
      const { store, deletion } = await setupPlanned();
      await store.claim(deletion);

      expect(await store.cancel(deletion.id, bob)).toBe(false);
      expect(await store.hold(deletion, "wait")).toBe(false);
      const moved = await store.reschedule(deletion, { dueAt: saturday, timeZone: "UTC" });
      expect(moved).toBeUndefined();
      expect((await store.findOpen(deletion.guest))?.state).toBe("executing");
    });

    it("ends with its task, or with the reason", async () => {
      const done = await setupPlanned();
      await done.store.claim(done.deletion);
      expect(await done.store.markDone(done.deletion.id, "UPID:1")).toBe(true);
      expect(await done.store.find(done.deletion.id)).toMatchObject({
        state: "done",
        upid: "UPID:1",
      });

      const failed = await setupPlanned();
      await failed.store.claim(failed.deletion);
      expect(await failed.store.markFailed(failed.deletion.id, "no quorum", "UPID:2")).toBe(true);
      expect(await failed.store.find(failed.deletion.id)).toMatchObject({
        state: "failed",
        reason: "no quorum",
        upid: "UPID:2",
      });
    });

    it("ends only what began", async () => {
      const { store, deletion } = await setupPlanned();

      expect(await store.markDone(deletion.id, "UPID:1")).toBe(false);
      expect(await store.markFailed(deletion.id, "no")).toBe(false);
      expect((await store.find(deletion.id))?.state).toBe("planned");
    });
  });

  describe("cancelling", () => {
    it("works once, and says who did it", async () => {
      const { store, deletion } = await setupPlanned();

      expect(await store.cancel(deletion.id, bob)).toBe(true);
      expect(await store.cancel(deletion.id, alice)).toBe(false);
      expect(await store.find(deletion.id)).toMatchObject({
        state: "cancelled",
        reason: "Cancelled by Bob.",
      });
      expect(await store.listOpen()).toEqual([]);
    });

    it("works on what is held", async () => {
      const { store, deletion } = await setupPlanned();
      await store.hold(deletion, "wait");

      expect(await store.cancel(deletion.id, bob)).toBe(true);
    });
  });
}
