import { describe, expect, it } from "vitest";
import { defaultLimits } from "#src/agent/limits.ts";
import { changingTool, resultsIn, setUpAgent, shownText } from "#test/support/agent.ts";
import { calls, createScriptedModel, says } from "#test/support/scripted-model.ts";

describe("a message that is too long", () => {
  it("gets one sentence, and neither the model nor the conversation hears of it", async () => {
    const model = createScriptedModel([says("Four.")]);
    const { run, events, history } = await setUpAgent({ model, limits: { messageLength: 4 } });

    const result = await run("abcde");

    expect(result).toMatchObject({ status: "limit", modelCalls: 0, calls: [] });
    expect(result.reply).toBe(
      "That is too long for me: I read 4 characters at once. Please say it in fewer words; nothing was done.",
    );
    expect(shownText(events)).toBe(result.reply);
    expect([model.requests, await history()]).toEqual([[], []]);
    expect((await run("abcd")).reply).toBe("Four.");
  });

  it("is one of more than eight thousand characters", async () => {
    const model = createScriptedModel(() => says("Read."));
    const { run } = await setUpAgent({ model });

    expect((await run("x".repeat(8_001))).status).toBe("limit");
    expect((await run("x".repeat(8_000))).reply).toBe("Read.");
  });
});

describe("an answer of the model's that is too long", () => {
  const limits = { answerLength: 100 };

  it("is not kept, nor sent back to it", async () => {
    const model = createScriptedModel([says("x".repeat(101)), says("Better.")]);
    const { run, history } = await setUpAgent({ model, limits });

    const { status, reply } = await run("hello");

    expect(status).toBe("limit");
    expect(reply).toContain("longer than 100 characters, so nothing of it was used");
    expect(JSON.stringify(await history())).not.toContain("xxx");
    expect((await run("again")).reply).toBe("Better.");
  });

  it("carries nothing out, however its length comes about", async () => {
    const made: string[] = [];
    const guest = "g".repeat(101);
    const model = createScriptedModel([calls({ name: "start_guest", args: { guest } })]);
    const tools = [
      changingTool("start_guest", "reversible", async (name) => {
        made.push(name);
      }),
    ];
    const { run } = await setUpAgent({ model, tools, limits });

    expect((await run("start it")).status).toBe("limit");
    expect(made).toEqual([]);
  });
});

it("gives the model no more of a question than of any other result", async () => {
  const guest = "g".repeat(defaultLimits.resultLength);
  const model = createScriptedModel([
    calls({ name: "stop_guest", args: { guest } }),
    says("It waits for you."),
  ]);
  const { run } = await setUpAgent({ model, tools: [changingTool("stop_guest", "disruptive")] });

  await run("cut its power");

  const [result = ""] = resultsIn(model.requests[1]?.items ?? []);
  expect(result).toContain("Nothing has happened yet.");
  expect(result.length).toBeLessThan(defaultLimits.resultLength + 200);
});
