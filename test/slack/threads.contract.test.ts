import { expect, it } from "vitest";
import { createEngagedThreads } from "#src/slack/threads.ts";
import { clockAt } from "#test/support/clock.ts";
import { describeOnEveryDatabase } from "#test/support/every-database.ts";

const thread = { channel: "C1", threadTs: "17.1" };

describeOnEveryDatabase("the threads that the agent takes part in", ({ open }) => {
  it("are remembered, of one workspace, however often it is called there", async () => {
    const db = await open();
    const clock = clockAt("2026-11-24T12:00:00Z");
    const threads = createEngagedThreads(db, clock, "T1");
    expect(await threads.isEngaged(thread)).toBe(false);

    await Promise.all([threads.engage(thread), threads.engage(thread)]);

    expect(await threads.isEngaged(thread)).toBe(true);
    expect(await threads.isEngaged({ ...thread, threadTs: "17.2" })).toBe(false);
    expect(await createEngagedThreads(db, clock, "T2").isEngaged(thread)).toBe(false);
  });
});
