import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Deletion } from "#src/deletions/deletion.ts";
import { changeAs, friday } from "#test/support/deletions.ts";
import { aScheduleWorld, type ScheduleWorld } from "#test/support/schedule-world.ts";

const dayBefore = friday.subtract({ hours: 24 });
const bob = { id: "bob", name: "Bob" };

/** A deletion whose guest was shut down and is being backed up, which took many attempts. */
async function aLongPreparation() {
  const world = await aScheduleWorld();
  // Long enough to be seen, however busy the machine is.
  world.simulator.controls.slowTask({ type: "vzdump", ms: 50_000 });
  const deletion = await world.schedule();
  await world.goTo(dayBefore);
  world.clock.advance(world.clock.now().until(friday));
  await tickUntil(world, deletion, ({ task }) => task?.step === "backup");
  world.clock.advance({ seconds: 5 });
  await changeAs(world.deletions, deletion, { attempts: 30, nextAt: world.clock.now() });
  return { world, deletion };
}

async function tickUntil(
  world: ScheduleWorld,
  deletion: Deletion,
  isSo: (row: Deletion) => boolean,
): Promise<void> {
  // The simulator's tasks take real time.
  for (const end = performance.now() + 20_000; performance.now() < end; await sleep(2)) {
    if (isSo(await world.find(deletion))) return;
    await world.tick();
    world.clock.advance({ seconds: 1 });
  }
  throw new Error("It never came to that.");
}

async function said({ told }: ScheduleWorld): Promise<string> {
  return (await told()).map(({ message }) => message).join("\n");
}

describe("what took many attempts", () => {
  it.each<[string, (world: ScheduleWorld, deletion: Deletion) => Promise<unknown>]>([
    ["a word", ({ deletions }, { id }) => deletions.cancel(id, bob)],
    [
      "the calendar",
      async (world, { id }) => {
        await world.calendar.remove(id);
        await tickUntil(world, { id } as Deletion, ({ state }) => state === "cancelled");
      },
    ],
  ])("leaves as many to start the guest again after a veto by %s", async (_, veto) => {
    const { world, deletion } = await aLongPreparation();

    await veto(world, deletion);

    const { state, attempts } = await world.find(deletion);
    expect({ state, isFewer: attempts < 5 }).toEqual({ state: "cancelled", isFewer: true });
  });

  it("leaves as many to find out how the destruction ended", async () => {
    const { world, deletion } = await aLongPreparation();
    world.simulator.controls.quorum({ quorate: false });
    await tickUntil(world, deletion, ({ attempts, backup }) => Boolean(backup) && attempts > 0);
    world.clock.advance({ seconds: 20 });
    await changeAs(world.deletions, deletion, { attempts: 30, nextAt: world.clock.now() });
    world.simulator.controls.quorum({ quorate: true });
    const rows: Deletion[] = [];
    const { advance } = world.deletions;
    world.deletions.advance = async (...call) => {
      const row = await advance(...call);
      if (row?.state === "destroying") rows.push(row);
      return row;
    };

    await world.settle();

    expect((await world.find(deletion)).state).toBe("done");
    expect(rows[0]?.attempts).toBe(0);
  });
});

describe("a guest that we stopped and that does not start again", () => {
  it("is told of, with the reason", async () => {
    const { world, deletion } = await aLongPreparation();
    world.simulator.controls.taskEnding({ type: "vzstart", vmid: 103, exitStatus: "no memory" });

    await world.deletions.cancel(deletion.id, bob);
    await world.settle();

    expect(await said(world)).toMatch(/could not start it again: no memory/);
  });
});

describe("a deletion that failed", () => {
  it("is not in the calendar any more", async () => {
    const { world, deletion } = await aLongPreparation();
    world.simulator.controls.taskEnding({ type: "vzdestroy", vmid: 103, exitStatus: "busy" });

    await world.settle();

    expect((await world.find(deletion)).state).toBe("failed");
    expect(await world.calendar.list()).toEqual([]);
  });
});

describe("a destruction that was cut short, of which nobody can tell how it ended", () => {
  it("is said to have begun, and is not offered to be kept or postponed", async () => {
    const { world, deletion } = await aLongPreparation();
    const { advance } = world.deletions;
    world.deletions.advance = async (...call) => {
      const row = await advance(...call);
      if (row?.state === "destroying") throw new Error("The process ends here.");
      return row;
    };
    await tickUntil(world, deletion, ({ state }) => state === "destroying");
    world.deletions.advance = advance;
    world.simulator.controls.node({ node: "pve1", online: false });
    world.clock.advance({ hours: 6 });
    await changeAs(world.deletions, deletion, { attempts: 30, nextAt: world.clock.now() });

    await world.settle();

    expect((await world.find(deletion)).state).toBe("failed");
    expect(await said(world)).toMatch(/failed after it had begun: .*may be gone already/);
    expect(await said(world)).not.toMatch(/on hold/);
  });
});

describe("a backup that is past its time and cannot be removed", () => {
  it("is told of once, with its name", async () => {
    const { world, deletion } = await aLongPreparation();
    await world.settle();
    const until = friday.add({ hours: 24 * 31 });
    world.simulator.controls.node({ node: "pve1", online: false });
    world.simulator.controls.node({ node: "pve2", online: false });
    for (let hour = 0; hour < 6; hour += 1) await world.goTo(until.add({ hours: hour }));

    const told = (await world.told()).filter(({ message }) => /could not be removed/.test(message));
    expect(told).toHaveLength(1);
    expect(told[0]?.message).toContain((await world.find(deletion)).backup?.volume);
  });
});
