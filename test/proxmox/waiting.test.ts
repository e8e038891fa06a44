import { describe, expect, it } from "vitest";
import { untilAborted } from "#src/proxmox/waiting.ts";

describe("waiting until it is aborted", () => {
  const stopped = AbortSignal.abort(new Error("stopped"));

  it("prefers an abort that came before to a result that is there", async () => {
    await expect(untilAborted(Promise.resolve("done"), stopped)).rejects.toThrow("stopped");
  });

  it("leaves no failure unhandled that comes after the abort", async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.prependListener("unhandledRejection", note);
    const failure = Promise.withResolvers<never>();

    await expect(untilAborted(failure.promise, stopped)).rejects.toThrow("stopped");
    failure.reject(new Error("too late"));
    await new Promise((resolve) => setImmediate(resolve));

    process.off("unhandledRejection", note);
    expect(unhandled).toEqual([]);
  });
});
