import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createDeletionLoop } from "#src/deletions/deletion-loop.ts";
import { silentLogger } from "#src/log.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A loop of which the clock may be in doubt, and how often it did what. */
function aLoop() {
  const state = { doubt: undefined as string | undefined, isRead: true };
  const counts = { ticks: 0, polls: 0 };
  const every: unknown[] = [];
  const loop = createDeletionLoop({
    scheduler: {
      async tick() {
        counts.ticks += 1;
      },
      async poll(minimum) {
        counts.polls += 1;
        every.push(minimum);
        return state.isRead;
      },
    },
    watch: {
      doubt: () => state.doubt,
      settled() {
        state.doubt = undefined;
      },
    },
    pollSeconds: 60,
    log: silentLogger,
  });
  return { loop, state, counts, every };
}

it("carries out what is due each second, and reads the calendar once a minute", async () => {
  const { loop, counts } = aLoop();
  loop.start();
  await vi.advanceTimersByTimeAsync(10 * 60_000);

  expect(counts.ticks).toBe(10 * 60 + 1);
  expect(counts.polls).toBeGreaterThanOrEqual(8);
  expect(counts.polls).toBeLessThanOrEqual(14);
  await loop.stop();
});

it("reads the calendar at once when the clock comes into doubt, whoever read it before", async () => {
  const { loop, state, counts, every } = aLoop();
  loop.start();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(counts.polls).toBe(1);

  state.doubt = "The clock went forward by 2 hours at once.";
  await vi.advanceTimersByTimeAsync(1_000);

  expect(counts.polls).toBe(2);
  expect(every.at(-1)).toEqual({ seconds: 0 });
  expect(state.doubt).toBeUndefined();
  await loop.stop();
});

it("does not read it in each second while that is of no use", async () => {
  const { loop, state, counts } = aLoop();
  state.doubt = "The clock of this machine is 3 minutes behind a server's.";
  state.isRead = false;
  loop.start();
  await vi.advanceTimersByTimeAsync(60_000);

  expect(counts.polls).toBeGreaterThanOrEqual(10);
  expect(counts.polls).toBeLessThanOrEqual(14);
  await loop.stop();
});
