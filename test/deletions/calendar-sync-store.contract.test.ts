import { expect, it } from "vitest";
import {
  type CalendarReaction,
  type CalendarSyncStore,
  createCalendarSyncStore,
} from "#src/deletions/calendar-sync-store.ts";
import type { Deletion } from "#src/deletions/deletion.ts";
import { createOutboxStore, type Notice } from "#src/outbox/outbox-store.ts";
import { clockAt } from "#test/support/clock.ts";
import { aNewDeletion, anEmptySchedule, changeAs, friday } from "#test/support/deletions.ts";
import { describeOnEveryDatabase } from "#test/support/every-database.ts";
import { bob } from "#test/support/people.ts";
import { having } from "./steps.ts";

const every = { minutes: 1 };
const saturday = friday.add({ hours: 24 });
const event = { etag: '"2"', startsAt: saturday };
const notice: Notice = { key: "moved", recipient: "channel", message: "It was moved." };
const nothing = { reactions: [], notices: [] };

describeOnEveryDatabase("the right to read the calendar", ({ open, openTwice }) => {
  async function setUp() {
    const clock = clockAt("2026-11-24T12:00:00Z");
    const store = createCalendarSyncStore(await open(), clock, "c1");
    return { clock, store };
  }

  it("begins with everything, and then goes on from the latest token", async () => {
    const { clock, store } = await setUp();
    expect(await store.take("a", every)).toEqual({ token: undefined, syncedAt: undefined });
    const readAt = clock.now();
    expect(await store.apply({ from: undefined, to: "t1", ...nothing })).toBe(true);

    clock.advance({ seconds: 59 });
    expect(await store.take("a", every)).toBeUndefined();
    clock.advance({ seconds: 1 });
    expect(await store.take("a", every)).toEqual({ token: "t1", syncedAt: readAt });
  });

  it("is had by one of many who want it", async () => {
    const clock = clockAt("2026-11-24T12:00:00Z");
    const stores = (await openTwice()).map((db) => createCalendarSyncStore(db, clock, "c1"));

    const taken = await Promise.all([...stores, ...stores].map((store) => store.take("a", every)));

    expect(taken.filter(Boolean)).toHaveLength(1);
  });

  it("ends by itself, for one who dies, or whose clock was put back", async () => {
    const { clock, store } = await setUp();
    await store.take("a", every);
    clock.advance({ seconds: 119 });
    expect(await store.take("b", every)).toBeUndefined();
    clock.advance({ seconds: 1 });
    expect(await store.take("b", every)).toBeDefined();

    clock.advance({ minutes: -2 });
    expect(await store.take("c", every)).toBeUndefined();
    clock.advance({ milliseconds: -1 });
    expect(await store.take("c", every)).toBeDefined();
  });

  it("is not lost to a clock that was put back after the calendar was read", async () => {
    const { clock, store } = await setUp();
    await store.apply({ from: (await store.take("a", every))?.token, to: "t1", ...nothing });

    clock.advance({ minutes: -2 });
    expect(await store.take("a", every)).toBeUndefined();
    clock.advance({ hours: -2 });
    expect(await store.take("a", every)).toEqual(having({ token: "t1" }));
  });

  it("can be given back, with the token or without, and with what is to be said", async () => {
    const { clock, store } = await setUp();
    await store.take("a", every);
    await store.apply({ from: undefined, to: "t1", ...nothing });
    clock.advance(every);

    await store.take("a", every);
    await store.giveBack("keep", []);
    expect((await store.take("a", every))?.token).toBe("t1");
    await store.giveBack("forget", []);
    expect((await store.take("a", every))?.token).toBeUndefined();
  });

  it("is one for each calendar", async () => {
    const clock = clockAt("2026-11-24T12:00:00Z");
    const db = await open();
    await createCalendarSyncStore(db, clock, "c1").take("a", every);

    expect(await createCalendarSyncStore(db, clock, "c2").take("a", every)).toBeDefined();
  });
});

describeOnEveryDatabase("what is read from the calendar", ({ open }) => {
  async function setUp() {
    const clock = clockAt("2026-11-24T12:00:00Z");
    const db = await open();
    const deletions = await anEmptySchedule(clock, db);
    const deletion = await deletions.schedule(aNewDeletion());
    if (!deletion) throw new Error("nothing was scheduled");
    await changeAs(deletions, deletion, { state: "planned", event, nextAt: friday });
    const store = createCalendarSyncStore(db, clock, "c1");
    await store.take("a", every);
    const outbox = createOutboxStore(db, clock);
    return { clock, store, deletions, deletion, outbox };
  }

  function moved({ id, revision }: Deletion): CalendarReaction {
    return {
      deletion: { id, revision },
      from: ["inserting", "planned", "held"],
      change: { movedTo: saturday, event, hurry: true },
      notices: [notice],
    };
  }

  const apply = (store: CalendarSyncStore, reaction: CalendarReaction, to = "t1") =>
    store.apply({ from: undefined, to, reactions: [reaction], notices: [] });

  it("moves a deletion to a new revision that nobody has confirmed", async () => {
    const { clock, store, deletions, deletion, outbox } = await setUp();

    expect(await apply(store, moved(deletion))).toBe(true);

    expect(await deletions.find(deletion.id)).toEqual(
      having({
        state: "planned",
        revision: 2,
        dueAt: saturday,
        timeZone: deletion.timeZone,
        confirmedBy: undefined,
        confirmedAt: undefined,
        event,
        nextAt: clock.now(),
      }),
    );
    expect(await outbox.claim()).toEqual(having({ ...notice }));
  });

  it("changes what it is about, and nothing else", async () => {
    const { store, deletions, deletion } = await setUp();
    const { id, revision } = deletion;
    const change = {
      state: "cancelled",
      reason: "Its event was removed.",
      eventGone: true,
    } as const;

    await apply(store, { deletion: { id, revision }, from: ["planned"], change, notices: [] });

    const { state, reason, eventGone, ...rest } = (await deletions.find(id)) ?? deletion;
    expect({ state, reason, eventGone }).toEqual(change);
    expect(rest).toEqual(having({ revision, dueAt: friday, nextAt: friday, event }));
  });

  it("is applied once: whoever reads the same again does nothing and says nothing", async () => {
    const { store, deletions, deletion, outbox } = await setUp();
    await apply(store, moved(deletion));
    await outbox.claim();
    const again = {
      ...moved({ ...deletion, revision: 2 }),
      notices: [{ ...notice, key: "again" }],
    };

    expect(await apply(store, again, "t2")).toBe(false);

    expect((await deletions.find(deletion.id))?.revision).toBe(2);
    expect(await outbox.claim()).toBeUndefined();
    expect(await store.apply({ from: "t0", to: "t2", ...nothing })).toBe(false);
    expect(await store.apply({ from: "t1", to: "t2", ...nothing })).toBe(true);
  });

  it("does nothing to a deletion that a person has changed meanwhile, and says nothing", async () => {
    const { store, deletions, deletion, outbox } = await setUp();
    await deletions.reschedule(deletion, { dueAt: friday.add({ hours: 1 }), timeZone: "UTC" });

    expect(await apply(store, moved(deletion))).toBe(true);

    expect(await deletions.find(deletion.id)).toEqual(having({ revision: 2, timeZone: "UTC" }));
    expect(await outbox.claim()).toBeUndefined();
  });

  it("does nothing to a deletion that has gone on to another state", async () => {
    const { store, deletions, deletion } = await setUp();
    await deletions.cancel(deletion.id, bob);

    await apply(store, moved(deletion));

    expect(await deletions.find(deletion.id)).toEqual(having({ state: "cancelled", revision: 1 }));
  });

  it("brings back what was cancelled, unless the guest has another deletion by now", async () => {
    const { store, deletions, deletion, outbox } = await setUp();
    await deletions.cancel(deletion.id, bob);
    const restored: CalendarReaction = {
      ...moved(deletion),
      from: ["cancelled"],
      change: { state: "planned", movedTo: friday, eventGone: false },
    };
    const successor = await deletions.schedule(aNewDeletion());

    await apply(store, restored);
    expect(await deletions.find(deletion.id)).toEqual(having({ state: "cancelled", revision: 1 }));
    expect(await outbox.claim()).toBeUndefined();

    await deletions.cancel(successor?.id ?? "", bob);
    await store.apply({ from: "t1", to: "t2", reactions: [restored], notices: [] });
    expect(await deletions.find(deletion.id)).toEqual(having({ state: "planned", revision: 2 }));
  });

  it("ends the claim of whoever is at work on what it changes", async () => {
    const { clock, store, deletions, deletion } = await setUp();
    clock.advance(clock.now().until(friday));
    const [claim] = await deletions.claimDue("a", 1);
    if (!claim) throw new Error("nothing was claimed");

    await apply(store, moved(deletion));

    expect(await deletions.advance(claim, { state: "destroying" })).toBeUndefined();
    expect((await deletions.find(deletion.id))?.state).toBe("planned");
  });

  it("is said whatever becomes of the deletions, where it is about none", async () => {
    const { store, outbox } = await setUp();

    await store.apply({ from: undefined, to: "t1", reactions: [], notices: [notice] });
    await store.giveBack("keep", [{ ...notice, key: "later" }]);

    expect(await outbox.claim()).toEqual(having({ key: "moved" }));
    expect(await outbox.claim()).toEqual(having({ key: "later" }));
  });
});
