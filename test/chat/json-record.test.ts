import { Temporal } from "temporal-polyfill";
import { describe, expect, it } from "vitest";
import type { ActionReport } from "#src/actions/action-report.ts";
import type { RunResult } from "#src/agent/agent.ts";
import { type Answer, exchange } from "#src/chat/exchange.ts";
import { toJsonRecord, toNoticeRecord } from "#src/chat/json-record.ts";
import { countingTool, setUpExecutor } from "#test/support/actions.ts";
import { testDatabase } from "#test/support/database.ts";
import { bob } from "#test/support/people.ts";

const call = { tool: "stop_guest", input: { guest: "test-runner" } };
const line = { input: "x", user: "bob", now: Temporal.Instant.from("2026-11-24T12:00:00Z"), ms: 3 };

function resultWith(calls: readonly ActionReport[]): RunResult {
  const usage = { inputTokens: 1, cachedTokens: 0, outputTokens: 1, estimated: true };
  return {
    status: "completed",
    reply: "Well.",
    calls,
    confirmations: [],
    model: "m",
    modelCalls: 1,
    usage,
  };
}

/** What the JSON says of one call that needs a confirmation, answered so. */
async function recordOf(answer: Answer) {
  const { tool } = countingTool("stop_guest", "disruptive");
  const parts = setUpExecutor(await testDatabase(), [tool]);
  const agent = {
    run: async () => resultWith([await parts.executor.submit(call, parts.context(bob))]),
    note: async () => {},
  };
  const { executor, clock } = parts;
  const services = { agent, executor, clock, principals: { find: () => bob } };
  const { signal } = new AbortController();
  const message = { text: "x", conversation: "test", principal: bob, signal };
  const done = await exchange(services, message, { answer: async () => answer });
  const id = done.calls[0]?.confirmation?.id ?? "";
  const confirmation = await parts.confirmations.find(id);
  return toJsonRecord(line, done, confirmation ? [confirmation] : []);
}

describe("the JSON record of an exchange", () => {
  it("has a confirmation that was left open as pending", async () => {
    const record = await recordOf("leave");

    expect(record).toMatchObject({
      input: "x",
      user: "bob",
      now: "2026-11-24T12:00:00Z",
      reply: "Well.",
      model: "m",
      modelCalls: 1,
      ms: 3,
      calls: [
        {
          tool: "stop_guest",
          args: { guest: "test-runner" },
          decision: "confirm",
          target: { vmid: 103, kind: "ct", name: "test-runner", node: "pve1" },
          outcome: { kind: "awaiting-confirmation" },
        },
      ],
      confirmations: [
        { tool: "stop_guest", state: "pending", expiresAt: "2026-11-24T12:05:00.000Z" },
      ],
    });
    expect(record.calls[0]?.outcome.confirmationId).toBe(record.confirmations[0]?.id);
  });

  it("keeps the first decision of a call that was approved, and has its outcome", async () => {
    const record = await recordOf("approve");

    expect(record.calls[0]).toMatchObject({ decision: "confirm", outcome: { kind: "done" } });
    expect(record.calls[0]?.outcome).toHaveProperty("upid");
    expect(record.confirmations[0]).toMatchObject({ state: "approved" });
    expect(record.reply).toContain("Confirmed and done");
  });

  it("says that a declined call was denied", async () => {
    const record = await recordOf("decline");

    expect(record.calls[0]).toMatchObject({ decision: "confirm", outcome: { kind: "denied" } });
    expect(record.confirmations[0]).toMatchObject({ state: "denied" });
  });
});

describe("the JSON record of a notice", () => {
  it("says whom it is for, when it was written, and what it is about", () => {
    const about = { deletion: "d1", revision: 2 };
    const notice = { key: "k", recipient: "user:bob", message: "It is on hold.", about };
    const state = { state: "new", attempts: 0, repeats: false } as const;
    const createdAt = line.now.epochMilliseconds;

    expect(toNoticeRecord({ ...notice, ...state, createdAt, answer: "Say so." })).toEqual({
      type: "notice",
      to: "user:bob",
      message: "It is on hold.",
      at: "2026-11-24T12:00:00.000Z",
      about,
    });
  });
});
