import { describe, expect, it } from "vitest";
import { createHoldStore } from "#src/holds/hold-store.ts";
import { withHolds } from "#src/holds/with-holds.ts";
import { silentLogger as log } from "#src/log.ts";
import type { Principal } from "#src/policy/principal.ts";
import type { Guests } from "#src/proxmox/guest.ts";
import { ProxmoxError } from "#src/proxmox/proxmox-error.ts";
import { clockAt } from "#test/support/clock.ts";
import { testDatabase } from "#test/support/database.ts";
import { aNewDeletion, anEmptySchedule } from "#test/support/deletions.ts";
import { aGuestDetail, guestsOf } from "#test/support/guests.ts";
import { alice, bob } from "#test/support/people.ts";
import { aContext } from "#test/support/tool-context.ts";
import { getGuest } from "#tools/guests/get-guest.ts";
import { holdGuest } from "#tools/holds/hold-guest.ts";
import { listHolds } from "#tools/holds/list-holds.ts";
import { releaseHold } from "#tools/holds/release-hold.ts";

const runner = aGuestDetail({ vmid: 103, name: "test-runner", fingerprint: "fp-103" });

/** The tools on a cluster with test-runner, at noon in Berlin on 24 November 2026. */
async function setUp(...guests: readonly ReturnType<typeof aGuestDetail>[]) {
  const clock = clockAt("2026-11-24T11:00:00Z");
  const db = await testDatabase();
  const holds = createHoldStore(db, clock);
  const deletions = await anEmptySchedule(clock, db);
  const world = { guests: guests.length > 0 ? guests : [runner], unreachable: false };
  const there: Guests = {
    ...guestsOf(),
    async find(reference, signal) {
      if (world.unreachable) throw new ProxmoxError("unreachable", "The cluster is away.");
      return guestsOf(...world.guests).find(reference, signal);
    },
  };
  const vmids = {
    isFree: async (vmid: number) => world.guests.every((guest) => guest.vmid !== vmid),
  };
  const deps = { guests: withHolds(there, { holds, clock, log }), vmids, holds, deletions, clock };
  const tools = [holdGuest(deps), releaseHold(deps), listHolds(deps), getGuest(deps)];

  const context = (principal: Principal) =>
    aContext({ principal: { ...principal, timeZone: "Europe/Berlin" }, askedAt: clock.now() });
  async function plan(name: string, input: object, principal = bob) {
    const tool = tools.find((one) => one.name === name);
    if (!tool) throw new Error(`There is no ${name}.`);
    return tool.plan(input, context(principal));
  }
  async function call(name: string, input: object, principal = bob) {
    return (await plan(name, input, principal)).apply(context(principal));
  }
  const hold = (input: object = {}, principal = bob) =>
    call("hold_guest", { guest: "test-runner", reason: "on vacation", ...input }, principal);
  return { clock, world, deletions, holds, plan, call, hold };
}

describe("putting a guest on hold", () => {
  it("is said with the end in the zone of whoever asks, and holds until then", async () => {
    const { clock, holds, plan, hold } = await setUp();
    const input = { guest: "103", reason: "on vacation", until: "until january 10 at 9:00" };

    const { summary } = await plan("hold_guest", input);
    expect(summary).toMatch(
      /on hold until Sun 10 Jan 2027, 09:00 CET .*: on vacation\. Nobody can/,
    );
    await hold({ until: "january 10 at 9:00" });

    const [placed] = await holds.list();
    expect(placed).toMatchObject({ by: { id: "bob", name: "Bob" }, reason: "on vacation" });
    expect(placed?.until?.toString()).toBe("2027-01-10T08:00:00Z");
    clock.advance({ hours: 24 * 60 });
    expect(await holds.list()).toEqual([]);
  });

  it("lasts until a person ends it where no end was said", async () => {
    const { clock, holds, hold } = await setUp();

    expect(await hold()).toMatchObject({ output: { onHold: "until somebody releases it" } });

    clock.advance({ hours: 24 * 1_000 });
    expect(await holds.list()).toHaveLength(1);
  });

  it.each([
    [{ until: "yesterday" }, "in the past"],
    [{ until: "later" }, "vague"],
    [{ until: "now" }, "Until when?"],
    [{ reason: " \u200b " }, "Why is"],
  ])("asks back for %j", async (input, question) => {
    const { holds, hold } = await setUp();

    await expect(hold(input)).rejects.toThrow(question);
    expect(await holds.list()).toEqual([]);
  });

  it("leaves a hold that is there as it is", async () => {
    const { holds, hold } = await setUp();
    await hold({ reason: "a court wants it" }, alice);

    await expect(hold()).rejects.toThrow("Alice has put it on hold (a court wants it)");
    expect((await holds.list()).map(({ reason }) => reason)).toEqual(["a court wants it"]);
  });

  it("holds up the deletion that is planned, and no other guest's", async () => {
    const { deletions, plan, hold } = await setUp();
    const planned = await deletions.schedule(aNewDeletion({ confirmedBy: bob }));
    const guest = { ...aNewDeletion().guest, vmid: 104, fingerprint: "fp-104" };
    const other = await deletions.schedule(aNewDeletion({ guest, confirmedBy: bob }));

    const { summary } = await plan("hold_guest", { guest: "103", reason: "on vacation" });
    expect(summary).toContain("Its planned deletion is held up.");
    expect((await deletions.find(planned?.id ?? ""))?.state).toBe("inserting");
    expect(await hold()).toMatchObject({ output: { deletion: "held up" } });

    const reason = "Bob has put it on hold (on vacation)";
    expect(await deletions.find(planned?.id ?? "")).toMatchObject({ state: "held", reason });
    expect((await deletions.find(other?.id ?? ""))?.state).toBe("inserting");
  });

  it("comes too late for a guest that is being destroyed", async () => {
    const { deletions, holds, hold } = await setUp();
    await deletions.schedule(aNewDeletion({ confirmedBy: bob }));
    const [claim] = await deletions.claimDue("a", 1);
    if (claim) await deletions.advance(claim, { state: "destroying" });

    await expect(hold()).rejects.toThrow("is being destroyed already");
    expect(await holds.list()).toEqual([]);
  });

  it("comes too late for one whose destruction has begun since it was asked", async () => {
    const { deletions, holds, plan } = await setUp();
    await deletions.schedule(aNewDeletion({ confirmedBy: bob }));
    const planned = await plan("hold_guest", { guest: "103", reason: "on vacation" });
    const [claim] = await deletions.claimDue("a", 1);
    if (claim) await deletions.advance(claim, { state: "destroying" });

    await expect(planned.apply(aContext())).rejects.toThrow("is being destroyed already");

    expect(await holds.list()).toEqual([]);
    expect((await deletions.listOpen()).map(({ state }) => state)).toEqual(["destroying"]);
  });

  it("is not done once its end has passed", async () => {
    const { clock, deletions, holds, plan } = await setUp();
    await deletions.schedule(aNewDeletion({ confirmedBy: bob }));
    const input = { guest: "103", reason: "on vacation", until: "in 2 minutes" };
    const planned = await plan("hold_guest", input);

    clock.advance({ minutes: 2 });

    await expect(planned.apply(aContext())).rejects.toThrow("its end has passed by now");
    expect(await holds.find(103)).toBeUndefined();
    expect((await deletions.listOpen()).map(({ state }) => state)).toEqual(["inserting"]);
  });
});

describe("ending a hold", () => {
  it("is for the hold that was there when it was asked, and for no later one", async () => {
    const { clock, holds, plan, call, hold } = await setUp();
    await hold();
    const planned = await plan("release_hold", { guest: "test-runner" });
    expect(planned.summary).toContain("Bob has put it on hold (on vacation). It can be deleted");
    expect(planned.target).toMatchObject({
      hold: { requestedBy: "bob", since: clock.now().toString() },
      guest: { hold: { by: "Bob" } },
    });

    clock.advance({ minutes: 1 });
    await call("release_hold", { guest: "test-runner" });
    await hold({ reason: "a court wants it" }, alice);

    await expect(planned.apply(aContext())).rejects.toThrow("has ended meanwhile");
    expect((await holds.list()).map(({ reason }) => reason)).toEqual(["a court wants it"]);
  });

  it("finds nothing to do where there is none", async () => {
    const { plan } = await setUp();

    expect((await plan("release_hold", { guest: "103" })).unchanged).toBe(
      "test-runner (CT 103 on pve1) is not on hold.",
    );
  });

  it("is possible for a guest that is gone, of which nothing else is known", async () => {
    const { holds, plan, call } = await setUp(aGuestDetail());
    await holds.place({ guest: runner, by: bob, reason: "on vacation" });

    const { target } = await plan("release_hold", { guest: "103" });
    expect(target.guest).toMatchObject({ vmid: 103, name: "test-runner", tags: [] });
    expect(await call("release_hold", { guest: "test-runner" })).toMatchObject({ kind: "done" });
    await expect(call("release_hold", { guest: "test-runner" })).rejects.toThrow("no guest");
  });

  it("is of the guest that has the VMID now, whatever its name was", async () => {
    const { world, holds, plan } = await setUp();
    await holds.place({ guest: runner, by: bob, reason: "on vacation" });
    world.guests = [{ ...runner, name: "build", tags: ["legal"], owner: "alice", pool: "ci" }];

    const { target, summary } = await plan("release_hold", { guest: "test-runner" });

    expect(target.guest).toMatchObject({ tags: ["legal"], owner: "alice", pool: "ci" });
    expect(summary).toContain("End the hold on build (CT 103 on pve1)");
  });

  it.each(["test-runner", "103"])(
    "is not planned for %s while nobody can tell what it is",
    async (guest) => {
      const { world, holds, plan } = await setUp();
      await holds.place({ guest: runner, by: bob, reason: "on vacation" });
      world.unreachable = true;

      await expect(plan("release_hold", { guest })).rejects.toThrow("The cluster is away.");
    },
  );

  it("asks which guest is meant where two have the name", async () => {
    const { holds, plan } = await setUp(runner, { ...runner, vmid: 104, fingerprint: "fp-104" });
    await holds.place({ guest: runner, by: bob, reason: "on vacation" });

    await expect(plan("release_hold", { guest: "test-runner" })).rejects.toThrow("2 guests");
  });
});

describe("the holds", () => {
  it("are listed with by whom, why and until when", async () => {
    const { call, hold } = await setUp();
    expect(await call("list_holds", {})).toMatchObject({ output: "No guest is on hold." });

    await hold({ until: "january 10 at 9:00" });

    expect(await call("list_holds", {})).toMatchObject({
      output: expect.stringMatching(
        /^test-runner \(CT 103 on pve1\): on hold until Sun 10 Jan 2027, 09:00 CET .*, by Bob \(on vacation\)$/,
      ),
    });
  });

  it("are told with their guest", async () => {
    const { call, hold } = await setUp();
    await hold();

    const shown = await call("get_guest", { guest: "103" });

    const told = "until somebody releases it, by Bob (on vacation); nobody can delete it";
    expect(shown).toMatchObject({ output: { hold: told } });
  });
});
