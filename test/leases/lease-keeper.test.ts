import { Temporal } from "temporal-polyfill";
import { describe, expect, it } from "vitest";
import { RefusedError } from "#src/actions/tool.ts";
import type { Deletion } from "#src/deletions/deletion.ts";
import { alice, bob, carol } from "#test/support/people.ts";
import { signal } from "#test/support/proxmox.ts";
import { aScheduleWorld, type ScheduleWorld } from "#test/support/schedule-world.ts";
import { aContext } from "#test/support/tool-context.ts";
import { extendLease } from "#tools/leases/extend-lease.ts";

const lab = {
  guests: { tags: ["lab"] },
  defaultDays: 14,
  maximumDays: 30,
  totalDays: 90,
} as const;

/** Ten o'clock where Bob is. */
const morning = (date: string) =>
  Temporal.PlainDateTime.from(`${date}T10:00`).toZonedDateTime(bob.timeZone).toInstant();

/** The world begins on Tue 24 Nov 2026, 07:00 there. */
const firstEnd = morning("2026-12-08");

async function aLab(tags = "lab;owner-bob"): Promise<ScheduleWorld> {
  const world = await aScheduleWorld();
  await tag(world, tags);
  world.policy.leases = [lab];
  return world;
}

async function tag({ simulator }: ScheduleWorld, tags: string): Promise<void> {
  await simulator.callAsRoot("PUT", "/nodes/pve1/lxc/103/config", { tags });
}

async function destroy({ simulator: { callAsRoot, taskEnd } }: ScheduleWorld): Promise<void> {
  await taskEnd((await callAsRoot("POST", "/nodes/pve1/lxc/103/status/stop")).data);
  await taskEnd((await callAsRoot("DELETE", "/nodes/pve1/lxc/103")).data);
}

async function look(world: ScheduleWorld): Promise<Deletion | undefined> {
  await world.lookAtLeases();
  await world.settle();
  return (await world.deletions.listOpen()).find(({ guest }) => guest.vmid === 103);
}

async function lookFor(world: ScheduleWorld): Promise<Deletion> {
  const end = await look(world);
  if (!end) throw new Error("Its lease has no end.");
  return end;
}

/** As Alice confirms the time that it has. */
async function confirm({ deletions }: ScheduleWorld, end: Deletion): Promise<Deletion> {
  const { timeZone, dueAt, withoutBackup } = await deletions.find(end.id).then((row) => row ?? end);
  const time = { dueAt, timeZone, withoutBackup, confirmedBy: alice };
  const confirmed = await deletions.reschedule(end, time);
  if (!confirmed) throw new Error("It has changed meanwhile.");
  return confirmed;
}

/** As Bob extends it by the button of its reminder; the refusal, where it is one. */
async function extend(world: ScheduleWorld, until: string): Promise<string | undefined> {
  const { deletions, leases, clock } = world;
  const context = aContext({ principal: bob, askedAt: clock.now() });
  const tool = extendLease({ guests: world.proxmox.guests, deletions, leases });
  try {
    await (await tool.plan({ guest: 103, until }, context)).apply(context);
    return undefined;
  } catch (error) {
    return error instanceof RefusedError ? error.message : Promise.reject(error);
  }
}

async function messages(world: ScheduleWorld, recipient = "channel"): Promise<readonly string[]> {
  const told = await world.told();
  return told.filter((notice) => notice.recipient === recipient).map(({ message }) => message);
}

async function acts(world: ScheduleWorld): Promise<readonly string[]> {
  const records = await world.audit();
  return records.map(({ principal, tool, step }) => `${principal.name} ${tool} ${step}`);
}

describe("a lease", () => {
  it("gives its guest an end that nobody has confirmed, and says so once", async () => {
    const world = await aLab();

    const end = await lookFor(world);
    await look(world);

    expect(end).toMatchObject({
      ofLease: true,
      state: "planned",
      confirmedBy: undefined,
      requestedBy: { id: "bob", name: "Bob" },
    });
    expect(end.dueAt).toEqual(firstEnd);
    const [event] = await world.calendar.list();
    expect(event?.title).toBe("Lease ends: test-runner (CT 103 on pve1)");
    expect(await messages(world)).toEqual([
      'test-runner (CT 103 on pve1) lives under a lease (14 days, never more than 30 days ahead, 90 days in all), which ends on Tue 8 Dec 2026, 10:00 EST (America/New_York), in 14 days. Without a confirmation it is not deleted then. To have longer, say "extend the lease of test-runner by a week".',
    ]);
    expect(await messages(world, "user:bob")).toEqual(await messages(world));
    expect(await acts(world)).toEqual([
      "lease set_lease_end started",
      "lease set_lease_end succeeded",
    ]);
  });

  it("deletes nothing at its end, ever, unless somebody confirms it", async () => {
    const world = await aLab();
    await lookFor(world);

    await world.goTo(firstEnd.subtract({ hours: 24 }));
    expect((await messages(world)).at(-1)).toMatch(
      /^The lease of test-runner .* ends on Tue 8 Dec 2026, 10:00 EST .* without that it stays\./,
    );
    await world.goTo(firstEnd);
    expect((await messages(world)).at(-1)).toMatch(/ends now, .* Confirm it within 30 minutes/);
    await world.goTo(firstEnd.add({ minutes: 31 }));
    expect((await messages(world)).at(-1)).toMatch(/has ended, and it stays for now/);
    for (const _ of Array(3).keys()) {
      await world.goTo(world.clock.now().add({ hours: 24 * 40 }));
      expect(await lookFor(world)).toMatchObject({ state: "held", confirmedBy: undefined });
    }

    const changes = world.simulator.controls
      .journal()
      .filter(({ method, path }) => method !== "GET" && !path.endsWith("/config"));
    expect(changes).toEqual([]);
  });

  it("ends with the guest's deletion once somebody has confirmed that", async () => {
    const world = await aLab();
    const end = await lookFor(world);
    await world.goTo(firstEnd.subtract({ hours: 24 }));

    await confirm(world, end);
    await world.goTo(firstEnd);

    expect(await world.find(end)).toMatchObject({ state: "done", confirmedBy: { id: "alice" } });
    await look(world);
    expect((await acts(world)).at(-1)).toBe("Alice delete_guest succeeded");
  });

  it("gives way to a deletion of who asks for one, of which that person and the owner hear", async () => {
    const world = await aLab();
    const end = await lookFor(world);
    const dueAt = world.clock.now().add({ hours: 20 });
    const by = { requestedBy: carol, confirmedBy: carol, timeZone: "UTC" };

    await world.deletions.takeOver(end, { ...end, ...by, dueAt, ofLease: false });
    await look(world);

    const words = /^test-runner .* will be deleted for good .*, asked by Carol\. Until then/;
    expect((await messages(world)).at(-1)).toMatch(words);
    expect((await messages(world, "user:carol")).at(-1)).toMatch(words);
    const owners = await messages(world, "user:bob");
    expect(owners).toHaveLength(2);
    expect(owners[1]).toMatch(/asked by Carol\. .* takes the place of the end of its lease\.$/);
    const [event] = await world.calendar.list();
    expect(event?.description).toContain("Requested by Carol, confirmed by Carol.");
  });

  it("lives from reminder to reminder, as far as it can be extended, to the confirmed deletion", async () => {
    const world = await aLab();
    const { id } = await lookFor(world);
    const ends: string[] = [];
    for (let end = await world.find({ id }); ; end = await world.find({ id })) {
      await world.goTo(end.dueAt.subtract({ hours: 24 }));
      expect((await messages(world)).at(-1)).toMatch(/^The lease of test-runner .* ends on/);
      const refusal = await extend(world, "by two weeks");
      if (refusal !== undefined) {
        expect(refusal).toMatch(/cannot be extended: by the policy it ends on Mon 22 Feb 2027/);
        break;
      }
      await world.settle();
      await look(world);
      const { dueAt } = await world.find({ id });
      ends.push(dueAt.toZonedDateTimeISO(bob.timeZone).toPlainDate().toString());
    }
    expect(ends.slice(-2)).toEqual(["2027-02-16", "2027-02-22"]);
    expect(await world.find({ id })).toMatchObject({ ofLease: true, confirmedBy: undefined });

    await confirm(world, await world.find({ id }));
    await world.goTo((await world.find({ id })).dueAt);

    expect(await world.find({ id })).toMatchObject({ state: "done" });
  });

  it("goes on when its guest is kept, as long as all of it may last, and then by the week", async () => {
    const world = await aLab();
    const ends: string[] = [];
    for (const _ of Array(8).keys()) {
      const end = await lookFor(world);
      ends.push(end.dueAt.toZonedDateTimeISO(bob.timeZone).toPlainDate().toString());
      await world.goTo(end.dueAt.subtract({ hours: 24 }));
      await world.calendar.remove(end.id, signal);
      await world.settle();
    }

    // 24 Nov and 90 days are 22 Feb; from a week before that on there is a week's notice.
    expect(ends.slice(0, 2)).toEqual(["2026-12-08", "2026-12-22"]);
    expect(ends.slice(-3)).toEqual(["2027-02-16", "2027-02-23", "2027-03-02"]);
    expect((await messages(world)).filter((one) => /as long as it may/.test(one))).toHaveLength(2);
  });

  it("is held to its limit when its event is moved too far, and says so", async () => {
    const world = await aLab();
    const end = await lookFor(world);
    await world.calendar.move(end.id, { startsAt: morning("2027-06-01"), timeZone: "UTC" });
    await world.settle();

    const held = await lookFor(world);

    expect(held).toMatchObject({ ofLease: true, confirmedBy: undefined });
    expect(held.dueAt).toEqual(morning("2026-12-24"));
    expect((await world.calendar.list())[0]?.startsAt).toEqual(morning("2026-12-24"));
    expect((await messages(world)).at(-1)).toMatch(
      /cannot be as late as Tue 1 Jun 2027, .* so it is on Thu 24 Dec 2026, .* Its owner or an admin can put/,
    );
    await look(world);
    expect((await world.find(end)).revision).toBe(held.revision);
  });

  it("is extended by moving its event within its limits", async () => {
    const world = await aLab();
    const end = await lookFor(world);
    await world.calendar.move(end.id, { startsAt: morning("2026-12-20"), timeZone: "UTC" });
    await world.settle();

    expect((await lookFor(world)).dueAt).toEqual(morning("2026-12-20"));
  });

  it("leaves alone what a person has asked for, also where it is later", async () => {
    const world = await aLab();
    const own = await world.schedule({ dueAt: morning("2027-06-01") });

    await look(world);

    expect(await world.find(own)).toMatchObject({ revision: 1, confirmedBy: { id: "bob" } });
  });

  it("of a guest that belongs to nobody is told to the channel alone", async () => {
    const world = await aLab("lab;owner-mallory");

    const end = await lookFor(world);
    await world.goTo(end.dueAt.subtract({ hours: 24 }));

    expect(end.requestedBy).toEqual({ id: "lease", name: "nobody" });
    const recipients = (await world.told()).map(({ recipient }) => recipient);
    expect(recipients).toEqual(["channel", "channel"]);
  });

  it("goes by an owner who stands in the notes only, too", async () => {
    const world = await aLab("lab");
    world.policy.leases = [{ ...lab, owners: { users: ["bob"], groups: [], roles: [] } }];
    expect(await look(world)).toBeUndefined();

    const notes = { description: "Owner: bob" };
    await world.simulator.callAsRoot("PUT", "/nodes/pve1/lxc/103/config", notes);

    expect(await look(world)).toMatchObject({ requestedBy: { id: "bob" } });
    expect(await look(world)).toMatchObject({ state: "planned" });
  });

  it("has no end while its guest cannot be deleted, and its beginning stays", async () => {
    const world = await aLab();
    const end = await lookFor(world);
    await tag(world, "lab;owner-bob;protected");

    expect(await look(world)).toBeUndefined();

    expect(await world.find(end)).toMatchObject({ state: "cancelled", eventGone: true });
    expect((await messages(world)).at(-1)).toMatch(/no end for now: it has the tag protected\./);
    await world.goTo(world.clock.now().add({ hours: 24 * 85 }));
    await tag(world, "lab;owner-bob");
    const again = await lookFor(world);
    expect(again.dueAt).toEqual(morning("2027-02-24"));
  });

  it("has no end while its guest is on hold, and goes on with notice afterwards", async () => {
    const world = await aLab();
    const end = await lookFor(world);
    const by = { id: "alice", name: "Alice" };
    const until = world.clock.now().add({ hours: 24 * 200 });
    await world.holds.place({ guest: end.guest, by, reason: "a lawsuit", until });

    expect(await look(world)).toBeUndefined();
    expect((await messages(world)).at(-1)).toMatch(/no end for now: .*on hold.*a lawsuit/);
    await world.goTo(until);

    // Its 90 days are over meanwhile.
    expect((await lookFor(world)).dueAt).toEqual(morning("2027-06-19"));
  });

  it.each<[string, (world: ScheduleWorld) => Promise<unknown>]>([
    ["the policy", async ({ policy }) => Object.assign(policy, { leases: [] })],
    ["the guest", (world) => tag(world, "owner-bob")],
  ])("is taken back when %s loses it, and what was confirmed is not", async (_, lose) => {
    const world = await aLab();
    const end = await lookFor(world);
    const confirmed = await confirm(world, end);
    await lose(world);
    expect(await look(world)).toMatchObject({ revision: confirmed.revision });

    const other = await aLab();
    const unconfirmed = await lookFor(other);
    await lose(other);
    expect(await look(other)).toBeUndefined();

    expect((await other.find(unconfirmed)).state).toBe("cancelled");
    expect((await messages(other)).at(-1)).toBe(
      "The lease of test-runner (CT 103 on pve1) has no end for now: no lease is for this guest any more.",
    );
  });

  it("is not taken for the lease of another guest with the same VMID", async () => {
    const world = await aLab();
    const end = await lookFor(world);
    await world.goTo(world.clock.now().add({ hours: 24 * 3 }));
    await destroy(world);
    const { callAsRoot, taskEnd } = world.simulator;
    const created = await callAsRoot("POST", "/nodes/pve1/lxc", {
      ...{ vmid: "103", hostname: "newcomer", storage: "local", tags: "lab;owner-bob" },
      ostemplate: "local:vztmpl/debian-12.tar.zst",
    });
    await taskEnd(created.data);

    const next = await lookFor(world);

    expect((await world.find(end)).state).toBe("cancelled");
    expect(next.id).not.toBe(end.id);
    expect(next.dueAt).toEqual(morning("2026-12-11"));
  });

  it("ends with its guest", async () => {
    const world = await aLab();
    const end = await lookFor(world);
    await destroy(world);

    expect(await look(world)).toBeUndefined();

    expect(await world.find(end)).toMatchObject({
      state: "cancelled",
      reason: "Taken back: the guest is gone.",
    });
  });

  it("stays while its guest is only out of sight", async () => {
    const world = await aLab();
    const end = await lookFor(world);
    world.sight.hidden = true;

    expect(await look(world)).toMatchObject({ id: end.id, state: "planned" });
  });

  it("of many that begin at once is one message", async () => {
    const world = await aLab();
    world.policy.leases = [{ defaultDays: 14 }];

    await look(world);

    const [only, ...others] = await messages(world);
    expect(others).toEqual([]);
    expect(only?.split("\n")).toEqual([
      "2 guests live under a lease now, which ends:",
      "test-runner (CT 103 on pve1): Tue 8 Dec 2026, 10:00 EST (America/New_York), in 14 days",
      "vm1 (VM 200 on pve2): Wed 9 Dec 2026, 10:00 CET (Europe/Berlin), in 15 days",
      "Without a confirmation none of them is deleted then; a lease can be extended before.",
    ]);
  });

  it("has one end, however many processes look at the same time", async () => {
    const world = await aLab();

    await Promise.all([world.lookAtLeases(), world.lookAtLeases()]);
    await world.settle();

    expect(await world.deletions.listOpen()).toHaveLength(1);
    expect(await messages(world)).toHaveLength(1);
    expect((await acts(world)).filter((act) => /succeeded$/.test(act))).toHaveLength(1);
  });

  it("is looked at by nobody while the clock is in doubt", async () => {
    const world = await aLab();
    world.watch.doubt();
    world.clock.advance({ hours: 24 });
    expect(world.watch.doubt()).toBeDefined();

    await world.lookAtLeases();

    expect(await world.deletions.listOpen()).toEqual([]);
  });
});
