import { describe, expect, it } from "vitest";
import { createTimeLimit } from "#src/agent/time-limit.ts";
import { PublicError } from "#src/errors.ts";

const never = () => new Promise<never>(() => {});
const long = { time: 5_000, message: "Too long." };
const short = { time: 5, message: "Too long." };

describe("a time limit", () => {
  it("passes on what the work comes to", async () => {
    const limit = createTimeLimit(new AbortController().signal, 5);

    expect(await limit.wait(long, async () => 1)).toBe(1);
    await expect(limit.wait(long, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  });

  it("gives up work that ignores its signal", async () => {
    const limit = createTimeLimit(new AbortController().signal, 5);

    await expect(limit.wait(short, never)).rejects.toThrow(new PublicError("Too long."));
    expect(limit.signal.aborted).toBe(true);
  });

  it("lets work that heeds its signal say how it ended", async () => {
    const { signal, wait } = createTimeLimit(new AbortController().signal, 5_000);

    const ended = wait(short, async () => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      return "half done";
    });

    expect(await ended).toBe("half done");
  });

  it("ends with the outer signal, before the work as well as during it", async () => {
    const outer = new AbortController();
    const limit = createTimeLimit(outer.signal, 5);
    const waiting = limit.wait(long, never);
    outer.abort();

    await expect(waiting).rejects.toThrow("The request was stopped");
    await expect(createTimeLimit(outer.signal, 5).wait(long, never)).rejects.toThrow("stopped");
  });
});
