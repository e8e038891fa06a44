import { expect, it } from "vitest";
import { beginAllInOrder } from "#src/actions/in-order.ts";

it("begins all at once, and lets each wait for every one before it", async () => {
  const first = Promise.withResolvers<void>();
  const happened: string[] = [];

  const all = beginAllInOrder(["slow", "refused", "third"], async (name, { before }) => {
    happened.push(`${name} begins`);
    if (name === "slow") await first.promise;
    if (name === "third") await before;
    happened.push(`${name} ends`);
    return name;
  });
  await new Promise(setImmediate);
  expect(happened).toEqual(["slow begins", "refused begins", "refused ends", "third begins"]);
  first.resolve();

  expect(await all).toEqual(["slow", "refused", "third"]);
  expect(happened.slice(4)).toEqual(["slow ends", "third ends"]);
});

it("waits for nothing that comes after something was carried out", async () => {
  const aftermath = Promise.withResolvers<void>();
  const happened: string[] = [];

  const all = beginAllInOrder(["first", "second"], async (name, { before, carriedOut }) => {
    await before;
    happened.push(name);
    carriedOut();
    if (name === "first") await aftermath.promise;
  });

  await expect.poll(() => happened).toEqual(["first", "second"]);
  aftermath.resolve();
  await all;
});

it("goes on when one of them fails, and says so", async () => {
  const ended: string[] = [];

  const all = beginAllInOrder(["bad", "good"], async (name, { before }) => {
    if (name === "bad") throw new Error("no");
    await before;
    ended.push(name);
  });

  await expect(all).rejects.toThrow("no");
  await expect.poll(() => ended).toEqual(["good"]);
});
