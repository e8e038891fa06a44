import { expect, it } from "vitest";
import { createFairSlots, type SlotLimits } from "#src/slack/transport/fair-slots.ts";

/** Work that ends when the test says so, and the order in which it was begun. */
function setUp(limits: SlotLimits) {
  const slots = createFairSlots(limits);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  function ask(name: string, person: string, place = `D${person}`) {
    return slots.enter({ person, place }, async () => {
      begun.push(name);
      await new Promise<void>((resolve) => ends.set(name, resolve));
    });
  }
  /** Ends what was begun and runs still, the oldest first, until `names` have begun. */
  async function endUntil(name: string) {
    await settled();
    while (!begun.includes(name)) {
      const [next] = ends.keys();
      if (next === undefined) throw new Error(`${name} never has its turn.`);
      ends.get(next)?.();
      ends.delete(next);
      await settled();
    }
  }
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return { ask, begun, endUntil, settled };
}

const flood = (count: number) => Array.from({ length: count }, (_, index) => `flood ${index}`);

it("gives somebody who comes after a flood the next slot", async () => {
  const { ask, begun, endUntil } = setUp({ slots: 2, slotsPerPerson: 2 });
  for (const name of flood(50)) void ask(name, "alice");
  void ask("bob's", "bob");

  await endUntil("bob's");

  expect(begun).toEqual(["flood 0", "flood 1", "bob's"]);
});

it("leaves slots to others at once, whatever one person asks for", async () => {
  const { ask, begun, settled } = setUp({ slots: 3, slotsPerPerson: 2 });
  for (const name of flood(5)) void ask(name, "alice");
  void ask("bob's", "bob");
  await settled();

  expect(begun).toEqual(["flood 0", "flood 1", "bob's"]);
});

it("is not outwitted by a flood from many places", async () => {
  const { ask, begun, endUntil } = setUp({ slots: 1, slotsPerPerson: 1 });
  void ask("bob's first", "bob");
  for (const name of flood(50)) void ask(name, "alice", `C of ${name}`);
  await endUntil("flood 0");
  void ask("bob's second", "bob");

  await endUntil("bob's second");

  expect(begun).toEqual(["bob's first", "flood 0", "bob's second"]);
});

it("is not outwitted by a flood of many people in one place", async () => {
  const { ask, begun, endUntil } = setUp({ slots: 1, slotsPerPerson: 1 });
  void ask("bob's first", "bob");
  for (const name of flood(50)) void ask(name, `who wrote ${name}`, "C0CHANNEL");
  await endUntil("flood 0");
  void ask("bob's second", "bob");

  await endUntil("bob's second");

  expect(begun).toEqual(["bob's first", "flood 0", "bob's second"]);
});

it("lets each person of one place have a turn, in the order in which they came", async () => {
  const { ask, begun, endUntil } = setUp({ slots: 1, slotsPerPerson: 1 });
  for (const name of ["a1", "a2", "a3"]) void ask(name, "alice", "C0CHANNEL");
  for (const name of ["b1", "b2"]) void ask(name, "bob", "C0CHANNEL");
  void ask("c1", "carol", "C0CHANNEL");

  await endUntil("a3");

  expect(begun).toEqual(["a1", "b1", "c1", "a2", "b2", "a3"]);
});

it("gives a slot back also when the work fails", async () => {
  const slots = createFairSlots({ slots: 1, slotsPerPerson: 1 });
  const alice = { person: "alice", place: "D1" };
  await expect(slots.enter(alice, () => Promise.reject(new Error("no")))).rejects.toThrow("no");

  expect(await slots.enter(alice, async () => "done")).toBe("done");
});
