import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { GoogleFailure } from "#src/calendar/google/google-failure.ts";
import { repeatRead } from "#src/calendar/google/repeat-read.ts";
import { createWriteGate } from "#src/calendar/google/write-gate.ts";
import { clockAt } from "#test/support/clock.ts";

const { signal } = new AbortController();
const clock = clockAt("2031-05-04T10:00:00Z");

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** Resolves to the milliseconds after which each of them did. */
function timesOf(promises: readonly Promise<unknown>[]): Promise<number[]> {
  const start = performance.now();
  return Promise.all(promises.map((promise) => promise.then(() => performance.now() - start)));
}

describe("the gate for changes", () => {
  it("lets five through in any second, and sends away who would wait for more than ten", async () => {
    const pauses: number[] = [];
    const gate = createWriteGate(clock, async (ms) => pauses.push(ms));

    await Promise.all(Array.from({ length: 55 }, () => gate.pass(signal)));

    const seconds = Array.from({ length: 50 }, (_, index) => 1 + Math.floor(index / 5));
    expect(pauses).toEqual(seconds.map((second) => second * 1_000));
    await expect(gate.pass(signal)).rejects.toMatchObject({ kind: "busy" });
  });

  it("does not make those wait who come one by one", async () => {
    const pause = vi.fn();
    const gate = createWriteGate(clock, pause);

    for (let passed = 0; passed < 20; passed += 1) {
      await gate.pass(signal);
      vi.advanceTimersByTime(200);
    }

    expect(pause).not.toHaveBeenCalled();
  });

  it("lets go of who gives up", async () => {
    const gate = createWriteGate(clock);
    await Promise.all(Array.from({ length: 5 }, () => gate.pass(signal)));
    const controller = new AbortController();
    const waiting = gate.pass(controller.signal);

    const reason = new Error("given up");
    controller.abort(reason);

    await expect(waiting).rejects.toBe(reason);
  });
});

describe("a read that is repeated", () => {
  it("waits for as long as Google asks", async () => {
    const failure = new GoogleFailure("429", { status: 429, retryAfter: 3_000 });
    const attempt = vi.fn().mockRejectedValueOnce(failure).mockResolvedValueOnce("done");

    const passed = timesOf([repeatRead(attempt, 20_000, signal)]);
    await vi.advanceTimersByTimeAsync(3_000);

    expect(await passed).toEqual([3_000]);
  });

  it("waits for a random while otherwise, longer the second time", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    const attempt = vi.fn().mockRejectedValue(new GoogleFailure("reset"));

    const reading = repeatRead(attempt, 20_000, signal);
    const failed = expect(reading).rejects.toThrow("reset");

    await vi.advanceTimersByTimeAsync(399);
    expect(attempt).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(attempt).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(799);
    expect(attempt).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(attempt).toHaveBeenCalledTimes(3);
    await failed;
  });

  it("is given up ten seconds after it began", async () => {
    const attempt = vi.fn(async () => {
      await new Promise((resolve) => setTimeout(resolve, 10_000));
      throw new GoogleFailure("no answer in time");
    });

    const failed = expect(repeatRead(attempt, 20_000, signal)).rejects.toThrow("no answer");
    await vi.advanceTimersByTimeAsync(30_000);

    await failed;
    expect(attempt).toHaveBeenCalledTimes(1);
  });
});
