import { describe, expect, it } from "vitest";
import { friday } from "#test/support/deletions.ts";
import { alice, bob } from "#test/support/people.ts";
import { signal } from "#test/support/proxmox.ts";
import { aScheduleWorld, type ScheduleWorld } from "#test/support/schedule-world.ts";

const dayBefore = friday.subtract({ hours: 24 });
const saturday = friday.add({ hours: 24 });

async function isThere({ simulator }: ScheduleWorld, vmid = 103): Promise<boolean> {
  const { data } = await simulator.callAsRoot("GET", "/cluster/resources", { type: "vm" });
  return (data as { vmid: number }[]).some((guest) => guest.vmid === vmid);
}

function destroys({ simulator }: ScheduleWorld) {
  return simulator.controls.journal().filter(({ method }) => method === "DELETE");
}

async function messages(world: ScheduleWorld, recipient = "channel"): Promise<readonly string[]> {
  const told = await world.told();
  return told.filter((notice) => notice.recipient === recipient).map(({ message }) => message);
}

describe("a deletion that nobody stops", () => {
  it("is written into the calendar so that people understand it", async () => {
    const world = await aScheduleWorld();
    await world.schedule();

    const [event] = await world.calendar.list();

    expect(event?.title).toBe("Delete test-runner (CT 103 on pve1)");
    expect(event?.startsAt.equals(friday)).toBe(true);
    expect(event?.description).toMatch(/Requested by Bob, confirmed by Bob/);
    expect(event?.description).toMatch(/To cancel: delete this event/);
  });

  it("says everywhere who confirmed it where that was not who asked", async () => {
    const world = await aScheduleWorld();
    await world.schedule({
      approvedBy: [
        { id: "bob", name: "Bob" },
        { id: "alice", name: "Alice" },
      ],
    });

    const [event] = await world.calendar.list();
    expect(event?.description).toMatch(/Requested by Bob, confirmed by Bob and Alice\./);
    await world.goTo(dayBefore);
    expect(await messages(world)).toEqual([
      expect.stringContaining("asked by Bob, confirmed by Bob and Alice."),
    ]);
    await world.goTo(friday);
    const [begun] = await world.audit();
    expect(begun).toMatchObject({ principal: { id: "bob" }, approver: { id: "alice" } });
  });

  it("is reminded of one day before, told the requester and the channel, and once", async () => {
    const world = await aScheduleWorld();
    await world.schedule();
    expect(await world.told()).toEqual([]);

    await world.goTo(dayBefore.subtract({ seconds: 30 }));
    expect(await world.told()).toEqual([]);
    await world.goTo(dayBefore);

    const told = await world.told();
    expect(told.map(({ recipient }) => recipient)).toEqual(["channel", "user:bob"]);
    expect(told[0]?.message).toMatch(/will be deleted for good on Fri 27 Nov 2026, 18:00/);
    await world.goTo(dayBefore.add({ hours: 2 }));
    expect(await world.told()).toHaveLength(2);
  });

  it("is shut down, backed up, destroyed, taken out of the calendar, told and audited", async () => {
    const world = await aScheduleWorld();
    const deletion = await world.schedule();
    await world.goTo(dayBefore);

    await world.goTo(friday);

    expect(await isThere(world)).toBe(false);
    const row = await world.find(deletion);
    expect(row).toMatchObject({ state: "done", eventGone: true, backup: { storage: "backup" } });
    expect(row.backup?.until?.since(friday).total("days")).toBeCloseTo(30, 1);
    expect(await world.calendar.list()).toEqual([]);
    expect((await messages(world)).at(-1)).toMatch(/was deleted.*"restore test-runner"/);
    expect((await messages(world, "user:bob")).at(-1)).toMatch(/was deleted/);
    const [destroy, ...more] = destroys(world);
    expect(more).toEqual([]);
    expect(destroy?.input).toEqual({ purge: "1" });
    const steps = (await world.audit()).map(({ tool, step }) => `${tool} ${step}`);
    expect(steps).toEqual([
      "shut_down_before_deletion started",
      "shut_down_before_deletion succeeded",
      "back_up_before_deletion started",
      "back_up_before_deletion succeeded",
      "delete_guest started",
      "delete_guest succeeded",
    ]);
  });

  it("is told at once with less than a day's notice, and deleted all the same", async () => {
    const world = await aScheduleWorld();
    const soon = world.clock.now().add({ minutes: 10 });
    const deletion = await world.schedule({ dueAt: soon });

    expect((await messages(world))[0]).toMatch(/will be deleted for good/);
    await world.goTo(soon);

    expect((await world.find(deletion)).state).toBe("done");
  });

  it("is not said to have time left when there is none", async () => {
    const world = await aScheduleWorld();
    await world.schedule({ dueAt: world.clock.now() });

    expect((await messages(world))[0]).toBe(
      "test-runner (CT 103 on pve1) will be deleted for good now, after a backup, asked by Bob. Until it is destroyed, that can be cancelled.",
    );
  });

  it("has its power cut when it does not shut down, as was said", async () => {
    const world = await aScheduleWorld({ shutdownMinutes: 0.05 });
    world.simulator.controls.guest({ vmid: 103, unresponsive: true });
    const deletion = await world.schedule();
    await world.goTo(dayBefore);

    await world.goTo(friday);

    expect((await world.find(deletion)).state).toBe("done");
    const tools = (await world.audit()).map(({ tool }) => tool);
    expect(tools).toContain("cut_power_before_deletion");
  });

  it("loses its backup when its time has come, and people are told", async () => {
    const world = await aScheduleWorld();
    const deletion = await world.schedule();
    await world.goTo(dayBefore);
    await world.goTo(friday);

    await world.goTo(friday.add({ hours: 24 * 30 }).add({ hours: 1 }));

    expect((await world.find(deletion)).backup).toBeUndefined();
    expect(await world.proxmox.backups.list("backup", 103, signal)).toEqual([]);
    expect((await messages(world)).at(-1)).toMatch(/cannot be restored any more/);
  });
});

describe("the calendar", () => {
  it("cancels what is removed from it", async () => {
    const world = await aScheduleWorld();
    const deletion = await world.schedule();
    await world.calendar.remove(deletion.id);

    await world.settle();

    expect((await world.find(deletion)).state).toBe("cancelled");
    expect((await messages(world))[0]).toMatch(/cancelled: its event was removed/);
    await world.goTo(friday);
    expect(await isThere(world)).toBe(true);
  });

  it.each([
    ["earlier", friday.subtract({ hours: 30 })],
    ["later", saturday],
    ["into the past", friday.subtract({ hours: 24 * 10 })],
  ])("voids the confirmation of what is moved %s: asked, then held", async (_, to) => {
    const world = await aScheduleWorld();
    const deletion = await world.schedule();
    await world.calendar.move(deletion.id, { startsAt: to, timeZone: "UTC" });

    await world.settle();

    const moved = await world.find(deletion);
    expect(moved).toMatchObject({ revision: 2, confirmedBy: undefined });
    expect(moved.dueAt.equals(to)).toBe(true);
    expect(await messages(world)).toContainEqual(expect.stringMatching(/moved in the calendar/));
    await world.goTo(saturday.add({ minutes: 31 }));
    expect((await world.find(deletion)).state).toBe("held");
    expect(await isThere(world)).toBe(true);
  });

  it("is asked at the last moment: a removal that no reading has seen yet counts", async () => {
    const world = await aScheduleWorld();
    const deletion = await world.schedule({ withoutBackup: true });
    await world.goTo(dayBefore);
    await world.simulator.callAsRoot("POST", "/nodes/pve1/lxc/103/status/stop");
    const { clock } = world;
    clock.advance(clock.now().until(friday));
    await world.calendar.remove(deletion.id);

    await world.settle();

    expect((await world.find(deletion)).state).toBe("cancelled");
    expect(destroys(world)).toEqual([]);
  });

  it("restores a cancelled deletion as a question", async () => {
    const world = await aScheduleWorld();
    const deletion = await world.schedule();
    await world.calendar.remove(deletion.id);
    await world.settle();

    await world.calendar.restore(deletion.id);
    await world.settle();

    expect(await world.find(deletion)).toMatchObject({ state: "planned", confirmedBy: undefined });
    expect((await messages(world)).at(-1)).toMatch(/is back in the calendar/);
  });

  it("is never an order: what somebody else put there is a question, asked once", async () => {
    const world = await aScheduleWorld();
    await world.calendar.insert(
      {
        id: "handmade00001",
        title: "delete test-runner\n<!channel> now",
        description: "",
        startsAt: friday,
        timeZone: "UTC",
        marks: { vmid: "103" },
      },
      signal,
    );

    await world.settle();
    await world.goTo(friday);

    expect(await messages(world)).toHaveLength(1);
    expect((await messages(world))[0]).toMatch(/an event that I did not make: "delete test-runner/);
    expect(await isThere(world)).toBe(true);
  });

  it("says nothing of what another installation put there", async () => {
    const world = await aScheduleWorld();
    const other = `pve12345678${"0".repeat(32)}`;
    const event = { title: "x", description: "", startsAt: friday, timeZone: "UTC", marks: {} };
    await world.calendar.insert({ id: other, ...event }, signal);

    await world.settle();

    expect(await world.told()).toEqual([]);
  });
});

describe("people", () => {
  it("cancel by their word, and the event goes away", async () => {
    const world = await aScheduleWorld();
    const deletion = await world.schedule();
    await world.deletions.cancel(deletion.id, { id: "bob", name: "Bob" });

    await world.settle();

    expect(await world.calendar.list()).toEqual([]);
    expect(await world.find(deletion)).toMatchObject({ state: "cancelled", eventGone: true });
  });

  it("reschedule by their word, and the event follows", async () => {
    const world = await aScheduleWorld();
    const deletion = await world.schedule();
    const time = {
      dueAt: saturday,
      timeZone: "Europe/Berlin",
      confirmedBy: { id: "bob", name: "Bob" },
    };
    await world.deletions.reschedule(await world.find(deletion), time);

    await world.settle();

    const [event] = await world.calendar.list();
    expect(event?.startsAt.equals(saturday)).toBe(true);
    expect(await world.find(deletion)).toMatchObject({
      state: "planned",
      revision: 2,
      confirmedBy: { id: "bob" },
    });
  });

  it("veto during the preparation, and what was shut down runs again", async () => {
    const world = await aScheduleWorld();
    const deletion = await world.schedule();
    await world.goTo(dayBefore);
    world.clock.advance(world.clock.now().until(friday));
    while ((await world.find(deletion)).task?.step !== "backup") {
      await world.tick();
      world.clock.advance({ seconds: 1 });
    }

    await world.deletions.cancel(deletion.id, { id: "bob", name: "Bob" });
    await world.settle();
    await world.goTo(friday.add({ minutes: 10 }));

    expect(await world.find(deletion)).toMatchObject({ state: "cancelled", stoppedByUs: false });
    expect((await world.proxmox.guests.find("103", signal)).status).toBe("running");
    expect(destroys(world)).toEqual([]);
  });

  it("are not needed to notice that whoever confirmed it may not do so any more", async () => {
    const world = await aScheduleWorld();
    const deletion = await world.schedule({ confirmedBy: { id: "carol", name: "Carol" } });
    await world.goTo(dayBefore);

    await world.goTo(friday);

    expect(await world.find(deletion)).toMatchObject({
      state: "held",
      reason: expect.stringContaining("Carol may not delete guests any more"),
    });
    expect(await isThere(world)).toBe(true);
  });
});

describe("what keeps a guest", () => {
  async function dueWorld(options: Parameters<typeof aScheduleWorld>[0] = {}) {
    const world = await aScheduleWorld(options);
    const deletion = await world.schedule();
    await world.goTo(dayBefore);
    return { world, deletion };
  }

  it("is that nobody was told", async () => {
    const world = await aScheduleWorld();
    world.front.reachable = false;
    const deletion = await world.schedule();
    await world.goTo(dayBefore);

    await world.goTo(friday);
    await world.goTo(friday.add({ minutes: 31 }));

    expect(await world.find(deletion)).toMatchObject({ state: "held" });
    expect(await isThere(world)).toBe(true);
  });

  it("is that nobody could stop it, because Slack is away", async () => {
    const { world, deletion } = await dueWorld();
    world.front.reachable = false;

    await world.goTo(friday);
    expect(await world.find(deletion)).toMatchObject({ state: "planned" });
    await world.goTo(friday.add({ minutes: 31 }));

    expect(await world.find(deletion)).toMatchObject({
      state: "held",
      reason: "nobody could reach me to stop it",
    });
  });

  it("is that the program was not there at its time", async () => {
    const { world, deletion } = await dueWorld();

    await world.goTo(friday.add({ minutes: 31 }));

    expect(await world.find(deletion)).toMatchObject({ state: "held" });
    expect((await messages(world)).at(-1)).toMatch(/on hold: its time was missed/);
  });

  it.each<[string, (world: ScheduleWorld) => unknown, RegExp]>([
    [
      "its protection",
      ({ simulator }) =>
        simulator.callAsRoot("PUT", "/nodes/pve1/lxc/103/config", { protection: "1" }),
      /protection flag/,
    ],
    [
      "a tag",
      ({ simulator }) =>
        simulator.callAsRoot("PUT", "/nodes/pve1/lxc/103/config", { tags: "protected" }),
      /tag protected/,
    ],
    [
      "a lock",
      ({ simulator }) => simulator.controls.guest({ vmid: 103, lock: "migrate" }),
      /locked/,
    ],
    ["a lost quorum", ({ simulator }) => simulator.controls.quorum({ quorate: false }), /quorum/],
    [
      "a node that is away",
      ({ simulator }) => simulator.controls.node({ node: "pve1", online: false }),
      /cannot be (read|known)/,
    ],
  ])("is %s", async (_, change, reason) => {
    const { world, deletion } = await dueWorld();
    await change(world);

    await world.goTo(friday);
    await world.goTo(friday.add({ minutes: 31 }));

    const row = await world.find(deletion);
    expect(row.state).toBe("held");
    expect(row.reason).toMatch(reason);
    expect(destroys(world)).toEqual([]);
    expect((await messages(world)).at(-1)).toMatch(/on hold/);
  });

  it("is that it was migrated: no, it is found there", async () => {
    const { world, deletion } = await dueWorld();
    world.simulator.controls.guest({ vmid: 103, node: "pve2" });

    await world.goTo(friday);

    expect((await world.find(deletion)).state).toBe("done");
  });

  it("is that it is not the same guest any more", async () => {
    const { world, deletion } = await dueWorld();
    const { callAsRoot, taskEnd } = world.simulator;
    await taskEnd((await callAsRoot("POST", "/nodes/pve1/lxc/103/status/stop")).data);
    await taskEnd((await callAsRoot("DELETE", "/nodes/pve1/lxc/103")).data);
    const reused = await callAsRoot("POST", "/nodes/pve1/lxc", {
      vmid: "103",
      ostemplate: "local:vztmpl/debian-12.tar.zst",
      hostname: "newcomer",
      storage: "local",
    });
    await taskEnd(reused.data);
    world.simulator.controls.clearJournal();

    await world.goTo(friday);

    const row = await world.find(deletion);
    expect(row.state).toBe("held");
    expect(row.reason).toMatch(/another guest has VMID 103 now|created or destroyed/);
    expect(destroys(world)).toEqual([]);
  });

  it("is nothing when it is gone already, which is told", async () => {
    const { world, deletion } = await dueWorld();
    const { callAsRoot, taskEnd } = world.simulator;
    await taskEnd((await callAsRoot("POST", "/nodes/pve1/lxc/103/status/stop")).data);
    await taskEnd((await callAsRoot("DELETE", "/nodes/pve1/lxc/103")).data);

    await world.goTo(friday);

    expect(await world.find(deletion)).toMatchObject({ state: "cancelled", eventGone: true });
    expect((await messages(world)).at(-1)).toMatch(/gone already/);
  });

  it("is that there is no backup, and it runs again", async () => {
    const { world, deletion } = await dueWorld();
    world.simulator.controls.taskEnding({ type: "vzdump", vmid: 103, exitStatus: "job errors" });

    await world.goTo(friday);
    await world.settle();

    const row = await world.find(deletion);
    expect(row).toMatchObject({ state: "held", stoppedByUs: false });
    expect(row.reason).toMatch(/^there is no backup of it \(job errors/);
    expect((await world.proxmox.guests.find("103", signal)).status).toBe("running");
  });

  it("is that more are due than an hour allows", async () => {
    const { world, deletion } = await dueWorld({ perHour: 0 });

    await world.goTo(friday);

    expect(await world.find(deletion)).toMatchObject({
      state: "held",
      reason: "too many deletions are due at once",
    });
  });
});

describe("the mark on the guest", () => {
  it("is set when it is planned, and vetoes when it is taken off", async () => {
    const world = await aScheduleWorld({ mark: true }, "root");
    const deletion = await world.schedule();
    const mark = `delete-${deletion.id.slice(-8)}`;
    expect((await world.proxmox.guests.find("103", signal)).tags).toContain(mark);
    await world.goTo(dayBefore);

    await world.simulator.callAsRoot("PUT", "/nodes/pve1/lxc/103/config", { tags: "" });
    await world.goTo(friday);

    expect(await world.find(deletion)).toMatchObject({ state: "cancelled" });
    expect((await messages(world)).at(-1)).toContain(`took the tag ${mark} off`);
  });

  it("does without where the token may not set it", async () => {
    const world = await aScheduleWorld({ mark: true });
    const deletion = await world.schedule();
    await world.goTo(dayBefore.subtract({ hours: 1 }));
    await world.goTo(dayBefore);

    await world.goTo(friday);

    expect((await world.find(deletion)).state).toBe("done");
  });

  it("goes when the deletion is cancelled", async () => {
    const world = await aScheduleWorld({ mark: true }, "root");
    const deletion = await world.schedule();
    expect((await world.proxmox.guests.find("103", signal)).tags).toHaveLength(1);

    await world.calendar.remove(deletion.id);
    await world.settle();

    expect((await world.proxmox.guests.find("103", signal)).tags).toEqual([]);
  });
});

describe("a destroy that fails", () => {
  it("says that disks may be gone, and asks for a person", async () => {
    const world = await aScheduleWorld();
    const deletion = await world.schedule();
    await world.goTo(dayBefore);
    world.simulator.controls.taskEnding({
      type: "vzdestroy",
      vmid: 103,
      exitStatus: "lvremove failed",
    });

    await world.goTo(friday);

    expect(await world.find(deletion)).toMatchObject({
      state: "failed",
      upid: expect.stringContaining("UPID:"),
    });
    expect((await messages(world)).at(-1)).toMatch(
      /failed after it had begun.*may be gone already/,
    );
  });
});

describe("a deletion of which the guest is on hold", () => {
  async function hold(world: ScheduleWorld, until?: typeof friday) {
    const guest = await world.proxmox.guests.find("103", signal);
    const placed = await world.holds.place({ guest, by: alice, reason: "a court wants it", until });
    if (!placed) throw new Error("It is on hold already.");
    return placed;
  }

  it("is held when it is due, says why, and leaves the guest running", async () => {
    const world = await aScheduleWorld();
    const deletion = await world.schedule();
    await hold(world);
    await world.goTo(dayBefore);

    await world.goTo(friday);

    const reason = expect.stringContaining("Alice has put it on hold (a court wants it)");
    expect(await world.find(deletion)).toMatchObject({ state: "held", reason });
    expect((await messages(world)).at(-1)).toContain("Alice has put it on hold");
    expect(destroys(world)).toEqual([]);
    expect(await world.audit()).toEqual([]);
  });

  it("is not carried out because that has ended, whoever forgot to stop it", async () => {
    const world = await aScheduleWorld();
    const deletion = await world.schedule();
    await hold(world, dayBefore);
    await world.goTo(dayBefore);

    await world.goTo(friday);

    const reason = "it was on hold since this was confirmed";
    expect(await world.find(deletion)).toMatchObject({ state: "held", reason });
    expect(destroys(world)).toEqual([]);
  });

  it("is carried out when a person has said so again afterwards", async () => {
    const world = await aScheduleWorld();
    const deletion = await world.schedule();
    const placed = await hold(world);
    await world.deletions.hold(103, "Alice has put it on hold");
    await world.goTo(dayBefore);
    await world.holds.release(placed);
    world.clock.advance({ seconds: 1 });
    await world.deletions.reschedule(deletion, {
      dueAt: friday,
      timeZone: "UTC",
      confirmedBy: bob,
    });

    await world.goTo(friday);

    expect((await world.find(deletion)).state).toBe("done");
  });

  it("does not go on with its preparation", async () => {
    const world = await aScheduleWorld({ shutdownMinutes: 0.05 });
    world.simulator.controls.guest({ vmid: 103, unresponsive: true });
    const deletion = await world.schedule();
    await world.goTo(dayBefore);
    world.clock.advance(world.clock.now().until(friday));
    await world.tick();
    expect((await world.find(deletion)).state).toBe("preparing");

    await hold(world);
    await world.goTo(friday.add({ minutes: 10 }));

    expect((await world.find(deletion)).state).toBe("held");
    expect(await isThere(world)).toBe(true);
    expect(destroys(world)).toEqual([]);
  });
});
