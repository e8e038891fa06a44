import { describe, expect, it } from "vitest";
import type { Item } from "#src/agent/model.ts";
import { changingTool, listingTool, resultsIn, setUpAgent } from "#test/support/agent.ts";
import { calls, createScriptedModel, says } from "#test/support/scripted-model.ts";

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
