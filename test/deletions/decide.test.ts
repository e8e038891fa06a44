import fc from "fast-check";
import type { Temporal } from "temporal-polyfill";
import { describe, expect, it } from "vitest";
import { decide } from "#src/deletions/decide.ts";
import type { Claim, DeletionState } from "#src/deletions/deletion.ts";
import type { Seen, World } from "#src/deletions/world.ts";
import { aTarget } from "#test/support/actions.ts";
import { friday } from "#test/support/deletions.ts";
import { aDeletion, anEvent, aView, aWorld, settings } from "#test/support/doomed.ts";

const dayBefore = friday.subtract({ hours: 24 });
const moved = friday.add({ hours: 24 });
const preparing = { state: "preparing", begunAt: friday } as const;
const backup = { storage: "backup-nfs", volume: "backup-nfs:backup/vzdump-lxc-103.tar.zst" };
const upid = "UPID:pve1:0001:0002:6927d0f0:vzshutdown:103:agent@pve!main:";

function decideOn(facts: Partial<Claim>, now: Temporal.Instant = friday, seen: Seen = {}) {
  return decide(aDeletion(facts), now, settings, seen);
}

describe("a deletion that is not due", () => {
  it.each<[string, Partial<Claim>, Temporal.Instant, object]>([
    [
      "is written into the calendar first",
      { state: "inserting", event: undefined },
      dayBefore,
      { kind: "write-event" },
    ],
    [
      "is moved in the calendar when we moved it",
      { event: { etag: '"1"', startsAt: moved } },
      dayBefore,
      { kind: "write-event" },
    ],
    [
      "rests until the reminder",
      { remindedRevision: 0 },
      dayBefore.subtract({ seconds: 1 }),
      { kind: "rest", until: dayBefore },
    ],
    ["is reminded of one day before", { remindedRevision: 0 }, dayBefore, { kind: "remind" }],
    [
      "is reminded of again after it was moved",
      { revision: 2, remindedRevision: 1 },
      dayBefore,
      { kind: "remind" },
    ],
    [
      "rests until it is due once people were reminded",
      {},
      friday.subtract({ seconds: 1 }),
      { kind: "rest", until: friday },
    ],
  ])("%s", (_, facts, now, decision) => {
    expect(decideOn(facts, now)).toEqual(decision);
  });

  it("is told of at once when there is less than a day's notice", () => {
    const late = friday.subtract({ minutes: 5 });
    expect(decideOn({ remindedRevision: 0 }, late)).toEqual({ kind: "remind" });
  });

  it("is marked on the guest where that is wanted, and goes without after three attempts", () => {
    const marking = { ...settings, mark: true };

    expect(decide(aDeletion(), dayBefore, marking)).toEqual({ kind: "mark" });
    expect(decide(aDeletion({ mark: "delete-1" }), dayBefore, marking).kind).toBe("rest");
    expect(decide(aDeletion({ attempts: 3 }), dayBefore, marking).kind).toBe("rest");
  });
});

describe("a deletion that is due", () => {
  it("asks for the world before anything else", () => {
    expect(decideOn({})).toEqual({ kind: "look" });
  });

  it("begins when nothing speaks against it, until the very end of the grace", () => {
    expect(decideOn({}, friday, { world: aWorld() })).toEqual({ kind: "begin" });
    const last = friday.add({ minutes: 30 }).subtract({ seconds: 1 });
    expect(decideOn({}, last, { world: aWorld() })).toEqual({ kind: "begin" });
  });

  it("is held when its time was missed, with the last reason where there is one", () => {
    const late = friday.add({ minutes: 30 });

    expect(decideOn({}, late)).toMatchObject({
      kind: "hold",
      reason: expect.stringContaining("missed"),
    });
    expect(decideOn({ reason: "the cluster has no quorum" }, late)).toEqual({
      kind: "hold",
      reason: "the cluster has no quorum",
    });
  });

  it("is asked about when nobody has confirmed this time", () => {
    expect(decideOn({ confirmedBy: undefined })).toEqual({ kind: "ask" });
  });

  it("first removes a backup of an earlier preparation: it must be of the last moment", () => {
    expect(decideOn({ backup }, friday, { world: aWorld() })).toEqual({ kind: "remove-backup" });
  });

  it.each<[string, Partial<World>, object]>([
    [
      "waits in doubt",
      { blind: "the clock is in doubt" },
      { kind: "wait", reason: "the clock is in doubt" },
    ],
    [
      "waits while the calendar cannot be read",
      { event: { kind: "unread", reason: "no answer" } },
      { kind: "wait", reason: "no answer" },
    ],
    [
      "reads the calendar when its event is not there",
      { event: { kind: "absent" } },
      { kind: "read-calendar" },
    ],
    [
      "reads the calendar when its event was removed",
      { event: { kind: "there", event: anEvent({ cancelled: true }) } },
      { kind: "read-calendar" },
    ],
    [
      "reads the calendar when its event was moved",
      { event: { kind: "there", event: anEvent({ startsAt: moved }) } },
      { kind: "read-calendar" },
    ],
    [
      "reads the calendar when its event repeats",
      { event: { kind: "there", event: anEvent({ recurring: true }) } },
      { kind: "read-calendar" },
    ],
    ["waits until somebody was told", { told: false }, { kind: "wait", soon: true }],
    [
      "waits while the guest cannot be read",
      { guest: { kind: "unread", reason: "no answer" } },
      { kind: "wait", reason: "no answer" },
    ],
    ["is cancelled when the guest is gone", { guest: { kind: "gone" } }, { kind: "cancel" }],
    ["is held when the guest is hidden", { guest: { kind: "hidden" } }, { kind: "hold" }],
    [
      "is held when another guest has the VMID",
      { guest: { kind: "replaced", by: "newcomer (CT 103 on pve2)" } },
      { kind: "hold", reason: expect.stringContaining("newcomer") },
    ],
    [
      "is held when the VMID was created anew",
      { guest: aView({ history: { kind: "changed", upids: [upid] } }) },
      { kind: "hold", reason: expect.stringContaining(upid) },
    ],
    [
      "waits while the guest's history is not known",
      { guest: aView({ history: { kind: "unknown", reason: "node pve2 is away" } }) },
      { kind: "wait", reason: expect.stringContaining("pve2 is away") },
    ],
    [
      "is held while the guest is on hold",
      { guest: aView({ guest: aTarget({ hold: { by: "Alice", reason: "a court wants it" } }) }) },
      { kind: "hold", reason: "Alice has put it on hold (a court wants it)" },
    ],
    [
      "waits while nobody knows whether the guest is on hold",
      { guest: aView({ guest: aTarget({ hold: { reason: "the holds cannot be read" } }) }) },
      { kind: "wait", reason: "the holds cannot be read" },
    ],
    [
      "is held when the guest was on hold since it was confirmed",
      { guest: aView({ holdEndedAt: aDeletion().confirmedAt?.add({ seconds: 1 }) }) },
      { kind: "hold", reason: "it was on hold since this was confirmed" },
    ],
    [
      "begins when the guest was on hold before it was confirmed",
      { guest: aView({ holdEndedAt: aDeletion().confirmedAt?.subtract({ seconds: 1 }) }) },
      { kind: "begin" },
    ],
    [
      "waits while the guest is locked",
      { guest: aView({ guest: aTarget({ lock: "backup" }) }) },
      { kind: "wait", reason: expect.stringContaining("backup") },
    ],
  ])("%s", (_, facts, decision) => {
    expect(decideOn({}, friday, { world: aWorld(facts) })).toMatchObject(decision);
  });

  it("is cancelled when somebody took its mark off the guest", () => {
    const mark = "delete-00000000";
    const marked = { world: aWorld({ guest: aView({ marked: true }) }) };

    expect(decideOn({ mark }, friday, { world: aWorld() }).kind).toBe("cancel");
    expect(decideOn({ mark }, friday, marked).kind).toBe("begin");
  });
});

describe("a deletion that is prepared", () => {
  const later = friday.add({ hours: 2 });
  const running = { world: aWorld({ guest: aView({ running: true }) }) };

  it("shuts down, backs up, destroys", () => {
    expect(decideOn(preparing, later, running)).toEqual({ kind: "shut-down" });
    expect(decideOn(preparing, later, { world: aWorld() })).toEqual({ kind: "back-up" });
    expect(decideOn({ ...preparing, backup }, later, { world: aWorld() })).toEqual({
      kind: "destroy",
    });
    const without = { ...preparing, withoutBackup: true };
    expect(decideOn(without, later, { world: aWorld() })).toEqual({ kind: "destroy" });
  });

  it("looks at everything again before each step", () => {
    expect(decideOn({ ...preparing, backup }, later)).toEqual({ kind: "look" });
    const vetoed = aWorld({ event: { kind: "there", event: anEvent({ cancelled: true }) } });
    expect(decideOn({ ...preparing, backup }, later, { world: vetoed }).kind).toBe("read-calendar");
  });

  it("is held when somebody starts the guest again", () => {
    const stopped = { ...preparing, stoppedByUs: true };

    expect(decideOn({ ...stopped, backup }, later, running).kind).toBe("hold");
    expect(decideOn({ ...stopped, attempts: 1 }, later, running).kind).toBe("shut-down");
    expect(decideOn({ ...stopped, attempts: 5 }, later, running).kind).toBe("hold");
    // Whoever stopped it, what it has done since is in no backup.
    expect(decideOn({ ...preparing, backup }, later, running).kind).toBe("hold");
  });

  it("is shut down however often it had to wait before", () => {
    expect(decideOn({ ...preparing, attempts: 20 }, later, running).kind).toBe("shut-down");
  });

  it("is held when it takes too long, or began too late", () => {
    const world = aWorld();
    expect(decideOn(preparing, friday.add({ hours: 6 }), { world })).toMatchObject({
      kind: "hold",
      reason: expect.stringContaining("too long"),
    });
    expect(decideOn(preparing, friday.subtract({ seconds: 1 }), { world }).kind).toBe("hold");
    const late = { ...preparing, begunAt: friday.add({ minutes: 31 }) };
    expect(decideOn(late, later, { world }).kind).toBe("hold");
  });
});

describe("a task", () => {
  const task = (step: "shutdown" | "stop" | "backup" | "start") => ({ task: { step, upid } });
  const ok = { task: { kind: "ended", ok: true, exitStatus: "OK" } } as const;
  const failed = { task: { kind: "ended", ok: false, exitStatus: "got timeout" } } as const;
  const unknown = { task: { kind: "unknown", reason: "forgotten" } } as const;

  it("is looked at before anything else, and waited for while it runs", () => {
    const facts = { ...preparing, ...task("backup") };
    expect(decideOn(facts)).toEqual({ kind: "look-at-task" });
    expect(decideOn(facts, friday, { task: { kind: "running" } })).toEqual({
      kind: "rest",
      until: friday.add({ seconds: 2 }),
    });
  });

  it.each<[Parameters<typeof task>[0], Seen, string]>([
    ["shutdown", ok, "settle-task"],
    ["shutdown", failed, "look"],
    ["shutdown", { ...failed, world: aWorld() }, "cut-power"],
    ["shutdown", { ...failed, world: aWorld({ event: { kind: "absent" } }) }, "read-calendar"],
    ["shutdown", unknown, "settle-task"],
    ["stop", ok, "settle-task"],
    ["stop", failed, "hold"],
    ["backup", ok, "check-backup"],
    ["backup", unknown, "check-backup"],
    ["backup", failed, "hold"],
  ])("of a %s, seen as %j, leads to %s", (step, seen, kind) => {
    expect(decideOn({ ...preparing, ...task(step) }, friday, seen).kind).toBe(kind);
  });

  it("never cuts the power of a guest that is not to be deleted any more", () => {
    for (const state of ["planned", "held", "cancelled"] as const) {
      expect(decideOn({ state, ...task("shutdown") }, friday, failed).kind).toBe("settle-task");
    }
  });

  it("of a start that failed is given up", () => {
    expect(decideOn({ state: "held", ...task("start") }, friday, failed).kind).toBe(
      "give-up-start",
    );
    expect(decideOn({ state: "held", ...task("start") }, friday, ok).kind).toBe("settle-task");
  });
});

describe("a deletion that is called off", () => {
  it.each(["planned", "held", "cancelled"] as const)("starts its guest again when %s", (state) => {
    expect(decideOn({ state, stoppedByUs: true }).kind).toBe("start-again");
  });

  it("has its event removed, and its mark while the guest takes that, then rests", () => {
    const cancelled = { state: "cancelled" } as const;
    const marked = { ...cancelled, eventGone: true, mark: "delete-1" };
    expect(decideOn(cancelled)).toEqual({ kind: "remove-event" });
    // Written by a process that ended before it could say so.
    expect(decideOn({ ...cancelled, event: undefined })).toEqual({ kind: "remove-event" });
    expect(decideOn(marked)).toEqual({ kind: "unmark" });
    expect(decideOn({ ...marked, attempts: 3 })).toEqual({ kind: "rest" });
    expect(decideOn({ ...cancelled, eventGone: true })).toEqual({ kind: "rest" });
  });

  it("keeps the backup that was made for it as long as any, and no longer", () => {
    const spared = { state: "cancelled", eventGone: true, begunAt: friday, backup } as const;
    const until = friday.add({ hours: 24 * 30 });

    expect(decideOn(spared, friday)).toEqual({ kind: "rest", until });
    expect(decideOn(spared, until)).toEqual({ kind: "remove-backup" });
  });
});

describe("a deletion that is done", () => {
  it("has its event removed, and its backup when its time has come", () => {
    const done = { state: "done", eventGone: true } as const;
    const kept = { ...done, backup: { ...backup, until: moved } };

    expect(decideOn({ state: "done" })).toEqual({ kind: "remove-event" });
    expect(decideOn(done)).toEqual({ kind: "rest" });
    expect(decideOn(kept)).toEqual({ kind: "rest", until: moved });
    expect(decideOn(kept, moved)).toEqual({ kind: "remove-backup" });
  });

  it("is taken out of the calendar when it failed, because it is planned no more", () => {
    expect(decideOn({ state: "failed" })).toEqual({ kind: "remove-event" });
    expect(decideOn({ state: "failed", eventGone: true })).toEqual({ kind: "rest" });
  });

  it("is found out about when it was cut short", () => {
    expect(decideOn({ state: "destroying" })).toEqual({ kind: "finish" });
  });
});

describe("whatever the facts are", () => {
  const states: readonly DeletionState[] = [
    "inserting",
    "planned",
    "preparing",
    "destroying",
    "held",
    "done",
    "cancelled",
    "failed",
  ];
  const facts = fc.record({
    state: fc.constantFrom(...states),
    confirmedBy: fc.constantFrom(undefined, { id: "bob", name: "Bob" }),
    remindedRevision: fc.constantFrom(0, 1),
    begunAt: fc.constantFrom(undefined, friday, friday.add({ minutes: 45 })),
    stoppedByUs: fc.boolean(),
    withoutBackup: fc.boolean(),
    backup: fc.constantFrom(undefined, backup),
    eventGone: fc.boolean(),
    event: fc.constantFrom(
      undefined,
      { etag: '"1"', startsAt: friday },
      { etag: '"2"', startsAt: moved },
    ),
  });
  const worlds = fc.record({
    blind: fc.constantFrom(undefined, "in doubt"),
    told: fc.boolean(),
    event: fc.constantFrom<World["event"]>(
      { kind: "absent" },
      { kind: "unread", reason: "no answer" },
      { kind: "there", event: anEvent() },
      { kind: "there", event: anEvent({ startsAt: moved }) },
    ),
    guest: fc.constantFrom<World["guest"]>(
      { kind: "gone" },
      { kind: "hidden" },
      aView(),
      aView({ running: true }),
      aView({ guest: aTarget({ hold: { by: "Alice", reason: "a court wants it" } }) }),
      aView({ holdEndedAt: friday }),
    ),
  });
  const minutes = fc.integer({ min: -3000, max: 3000 });

  it("destroys only what is confirmed, seen, told of, stopped, backed up and in time", () => {
    fc.assert(
      fc.property(facts, worlds, minutes, (row, world, offset) => {
        const now = friday.add({ minutes: offset });
        const deletion = aDeletion(row);
        const decision = decide(deletion, now, settings, { world });
        if (decision.kind !== "destroy" && decision.kind !== "begin") return;

        expect(deletion.confirmedBy).toBeDefined();
        expect(world).toMatchObject({ told: true, blind: undefined, guest: { kind: "there" } });
        expect(world.event).toEqual({
          kind: "there",
          event: anEvent({ startsAt: deletion.event?.startsAt }),
        });
        expect(world.guest).not.toMatchObject({ guest: { hold: expect.anything() } });
        expect(world.guest).not.toMatchObject({ holdEndedAt: expect.anything() });
        expect(offset).toBeGreaterThanOrEqual(0);
        expect(offset).toBeLessThan(decision.kind === "begin" ? 30 : 6 * 60 + 30);
        if (decision.kind === "destroy") {
          expect(deletion.state).toBe("preparing");
          expect(world.guest).toMatchObject({ running: false });
          expect(deletion.withoutBackup || deletion.backup).toBeTruthy();
        }
      }),
      { numRuns: 3_000 },
    );
  });
});
