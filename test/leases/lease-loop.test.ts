import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createLeaseLoop } from "#src/leases/lease-loop.ts";
import { createLogger } from "#src/log.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function aLoop(look: (signal: AbortSignal) => Promise<void>) {
  const lines: string[] = [];
  const log = createLogger({
    level: "warn",
    destination: { write: (line) => void lines.push(JSON.parse(line).msg) },
  });
  const loop = createLeaseLoop({ keeper: { look }, log });
  return { loop, warnings: lines };
}

it("looks at once, and then every ten minutes", async () => {
  const look = vi.fn(async () => {});
  const { loop } = aLoop(look);

  loop.start();
  await vi.advanceTimersByTimeAsync(9 * 60_000);
  expect(look).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(21 * 60_000);

  expect(look).toHaveBeenCalledTimes(4);
  await loop.stop();
});

it("says once why it cannot look, and goes on trying", async () => {
  const look = vi.fn(() => Promise.reject(new Error("The cluster is away.")));
  const { loop, warnings } = aLoop(look);

  loop.start();
  await vi.advanceTimersByTimeAsync(30 * 60_000);

  expect(look).toHaveBeenCalledTimes(4);
  expect(warnings).toEqual(["the leases were not looked at"]);
  await loop.stop();
});

it("ends a look that is under way when it is stopped, and looks no more", async () => {
  const look = vi.fn(
    (signal: AbortSignal) =>
      new Promise<void>((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason)),
      ),
  );
  const { loop, warnings } = aLoop(look);
  loop.start();
  await vi.advanceTimersByTimeAsync(1_000);

  await loop.stop();
  await vi.advanceTimersByTimeAsync(60 * 60_000);

  expect(look).toHaveBeenCalledTimes(1);
  expect(warnings).toEqual([]);
});
