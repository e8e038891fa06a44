import { describe, expect, it } from "vitest";
import type { Item } from "#src/agent/model.ts";
import { createSessionStore } from "#src/agent/session-store.ts";
import { changingTool, listingTool, resultsIn, setUpAgent } from "#test/support/agent.ts";
import { clockAt } from "#test/support/clock.ts";
import { testDatabase } from "#test/support/database.ts";
import { calls, createScriptedModel, says } from "#test/support/scripted-model.ts";

async function setUp() {
  const db = await testDatabase();
  return createSessionStore({ db, clock: clockAt("2026-11-24T12:00:00Z") });
}

const everyKind: readonly Item[] = [
  { type: "user", text: "list" },
  { type: "reasoning", api: "responses", payload: { id: "rs_1", encrypted_content: "…" } },
  { type: "assistant", text: "Let me see." },
  { type: "tool-call", callId: "c1", name: "list_guests", argumentsJson: "{}" },
  { type: "tool-result", callId: "c1", output: "101 ct web-01" },
  { type: "assistant", text: "One." },
  { type: "event", text: "Alice confirmed it." },
];

describe("the session store", () => {
  it("gives back every kind of item, in order", async () => {
    const sessions = await setUp();

    await sessions.append("a", everyKind.slice(0, 3));
    await sessions.append("a", everyKind.slice(3));

    expect(await sessions.load("a", 1000)).toEqual(everyKind);
  });

  it("keeps conversations apart", async () => {
    const sessions = await setUp();

    await sessions.append("a", [{ type: "user", text: "one" }]);
    await sessions.append("b", [{ type: "user", text: "two" }]);

    expect(await sessions.load("b", 1000)).toEqual([{ type: "user", text: "two" }]);
    expect(await sessions.load("c", 1000)).toEqual([]);
  });

  it("starts a very long conversation with a user's message", async () => {
    const sessions = await setUp();
    const segment = (callId: string): readonly Item[] => [
      { type: "user", text: "again" },
      { type: "tool-call", callId, name: "list_guests", argumentsJson: "{}" },
      { type: "tool-result", callId, output: "none" },
    ];
    for (let index = 0; index < 200; index++) await sessions.append("a", segment(`c${index}`));
    const later: Item = { type: "event", text: "Alice confirmed it." };
    await sessions.append("a", [later, later]);

    const items = await sessions.load("a", 1_000_000);

    expect(items[0]).toEqual({ type: "user", text: "again" });
    expect(items.length).toBeLessThanOrEqual(400);
    expect(items.length % 3).toBe(2);
  });
});

describe("what a run writes down", () => {
  it("includes a change before it is made, so that a crash does not hide it", async () => {
    const model = createScriptedModel([
      calls({ name: "start_guest", args: { guest: "a" } }),
      says("Done."),
    ]);
    let seen: readonly Item[] = [];
    const start = changingTool("start_guest", "reversible", async () => {
      seen = await history();
    });
    const { run, history } = await setUpAgent({ model, tools: [start] });

    await run("start a");

    expect(seen.map(({ type }) => type)).toEqual(["user", "tool-call", "tool-result"]);
    expect(resultsIn(seen)[0]).toContain("Interrupted: the outcome is unknown");
    expect(resultsIn(await history())).toEqual([expect.stringContaining('"result":"done"')]);
  });

  it("lets a change be when it cannot be written down", async () => {
    const made: string[] = [];
    const model = createScriptedModel([calls({ name: "start_guest", args: { guest: "a" } })]);
    const start = changingTool("start_guest", "reversible", async (guest) => {
      made.push(guest);
    });
    const { run, db } = await setUpAgent({ model, tools: [start] });
    await db.schema.dropTable("session_item").execute();

    expect(await run("start a")).toMatchObject({ status: "failed", calls: [] });
    expect(made).toEqual([]);
  });

  it("takes three commits for a run with a change, and one for any other", async () => {
    const model = createScriptedModel([
      calls({ name: "start_guest", args: { guest: "a" } }),
      says("Done."),
      calls({ name: "list_guests" }),
      says("One."),
      says("You are welcome."),
    ]);
    const tools = [changingTool("start_guest", "reversible"), listingTool()];
    const { run, sessions } = await setUpAgent({ model, tools });
    let commits = 0;
    const append = sessions.append;
    Object.assign(sessions, {
      append: (...args: Parameters<typeof append>) => {
        commits++;
        return append(...args);
      },
    });

    await run("start a");
    expect(commits).toBe(3);
    await run("list");
    expect(commits).toBe(4);
    await run("thanks");
    expect(commits).toBe(5);
  });

  it("goes on after an interruption with a well-formed conversation", async () => {
    const model = createScriptedModel([says("I do not know whether a was started.")]);
    const { run, sessions } = await setUpAgent({ model });
    await sessions.append("test", [
      { type: "user", text: "start a" },
      { type: "tool-call", callId: "c1", name: "start_guest", argumentsJson: '{"guest":"a"}' },
    ]);

    await run("did it start?");

    expect(model.requests[0]?.items).toMatchObject([
      { type: "user" },
      { type: "tool-call", callId: "c1" },
      { type: "tool-result", callId: "c1", output: expect.stringContaining("Interrupted") },
      { type: "user", text: "did it start?" },
    ]);
  });
});
