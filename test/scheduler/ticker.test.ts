import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { silentLogger } from "#src/log.ts";
import { createTicker } from "#src/scheduler/ticker.ts";

/** A ticker whose ticks the test ends, and how many were begun. */
function heldTicker(every = 60_000) {
  const begun: PromiseWithResolvers<void>[] = [];
  const run = () => {
    const tick = Promise.withResolvers<void>();
    begun.push(tick);
    return tick.promise;
  };
  const ticker = createTicker({ every, log: silentLogger, run });
  onTestFinished(() => {
    void ticker.stop();
  });
  const settle = () => sleep(0);
  return { ticker, begun, settle };
}

describe("a ticker", () => {
  it("ticks at once, and again and again", async () => {
    let ticks = 0;
    const run = async () => {
      ticks += 1;
    };
    const ticker = createTicker({ every: 5, log: silentLogger, run });
    onTestFinished(() => ticker.stop());

    ticker.start();

    expect(ticks).toBe(1);
    await expect.poll(() => ticks).toBeGreaterThan(3);
  });

  it("never ticks twice at the same time, and once more after it was hurried meanwhile", async () => {
    const { ticker, begun, settle } = heldTicker();

    ticker.start();
    ticker.hurry();
    ticker.hurry();
    await settle();
    expect(begun).toHaveLength(1);

    begun[0]?.resolve();
    await settle();
    expect(begun).toHaveLength(2);

    begun[1]?.resolve();
    await settle();
    expect(begun).toHaveLength(2);
  });

  it("goes on after a tick that failed", async () => {
    const { ticker, begun, settle } = heldTicker();

    ticker.start();
    begun[0]?.reject(new Error("no"));
    await settle();
    ticker.hurry();

    expect(begun).toHaveLength(2);
  });

  it("stops when the tick under way has ended, and ticks no more", async () => {
    const { ticker, begun, settle } = heldTicker(1);
    let stopped = false;

    ticker.start();
    ticker.hurry();
    const stopping = ticker.stop().then(() => {
      stopped = true;
    });
    await settle();
    expect(stopped).toBe(false);

    begun[0]?.resolve();
    await stopping;
    ticker.hurry();
    await sleep(10);
    expect(begun).toHaveLength(1);
  });
});
