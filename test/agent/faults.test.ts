import { describe, expect, it } from "vitest";
import { ModelError, type ModelErrorKind } from "#src/agent/model.ts";
import { PublicError } from "#src/errors.ts";
import {
  changingTool,
  hasty,
  listingTool,
  readingTool,
  resultsIn,
  setUpAgent,
} from "#test/support/agent.ts";
import {
  calls,
  createScriptedModel,
  type ScriptedStep,
  says,
} from "#test/support/scripted-model.ts";

/** Tools that tell what they did, and an agent whose model does `steps`. */
async function setUp(steps: Parameters<typeof createScriptedModel>[0], limits = {}) {
  const acts: string[] = [];
  const act = async (guest: string) => {
    acts.push(guest);
  };
  const model = createScriptedModel(steps);
  const tools = [
    listingTool(),
    readingTool(async (guest) => ({ guest })),
    changingTool("start_guest", "reversible", act),
    changingTool("shutdown_guest", "disruptive", act),
    changingTool("schedule_deletion", "destructive", act),
  ];
  return { ...(await setUpAgent({ model, tools, limits })), model, acts };
}

/** Has the model make one faulty turn and then answer; returns what it was told in between. */
async function tell(faulty: ScriptedStep) {
  const parts = await setUp([faulty, says("I see.")]);
  const result = await parts.run("do it");
  const [, second] = parts.model.requests;
  return { ...parts, result, told: resultsIn(second?.items ?? []) };
}

const start = { name: "start_guest", args: { guest: "a" } };

describe("a call that cannot be made as it stands", () => {
  it.each(["delete_guest", "constructor", "__proto__", "toString"])(
    "names the tools there are instead of %s",
    async (name) => {
      const { told, result } = await tell(calls({ name, args: { guest: "a" } }));

      expect(told[0]).toContain(`There is no tool named ${name}. The tools are: list_guests,`);
      expect(result).toMatchObject({ status: "completed", calls: [{ decision: "error" }] });
    },
  );

  it.each(['{"guest":"a"', "guest=a", '["a"]', '"a"', "17"])(
    "says that %s is no JSON object",
    async (args) => {
      const { told, acts } = await tell(calls({ name: "start_guest", args }));

      expect(told[0]).toContain("one JSON object");
      expect(acts).toEqual([]);
    },
  );

  it.each(["", "  ", "null", "{}"])("takes %j for no arguments", async (args) => {
    const { told } = await tell(calls({ name: "list_guests", args }));

    expect(told).toEqual(["101 ct web-01"]);
  });

  it("names the field of a wrong type, and what it takes", async () => {
    const { told, acts } = await tell(calls({ name: "start_guest", args: { guest: true } }));

    expect(told[0]).toContain("guest must be string or number, not true");
    expect(acts).toEqual([]);
  });

  it("refuses a field that the tool does not have, instead of dropping it", async () => {
    const { told, acts } = await tell(
      calls({ name: "schedule_deletion", args: { guest: "a", approved: true } }),
    );

    expect(told[0]).toContain('There is no argument \\"approved\\"');
    expect(acts).toEqual([]);
  });

  it("never advises to try a change again", async () => {
    const failing = changingTool("start_guest", "reversible", async () => {
      throw new Error("token=hunter2");
    });
    const model = createScriptedModel([calls(start), says("It did not work.")]);
    const { run } = await setUpAgent({ model, tools: [failing] });

    const { reply } = await run("start a");

    const [told] = resultsIn(model.requests[1]?.items ?? []);
    expect(told).not.toMatch(/again|retry/i);
    expect(told).not.toContain("hunter2");
    expect(reply).toMatch(/Did not finish: start_guest a\. .*error id E-/);
  });
});

describe("call ids", () => {
  it.each([
    ["missing", "", ""],
    ["duplicate", "call-0", "call-0"],
  ])("that are %s are replaced, and every call is made once", async (_, first, second) => {
    const { model, acts, told, history } = await tell(
      calls(
        { ...start, callId: first },
        { name: "start_guest", args: { guest: "b" }, callId: second },
      ),
    );

    expect(acts).toEqual(["a", "b"]);
    expect(told).toHaveLength(2);
    const items = model.requests[1]?.items ?? [];
    const ids = (type: string) =>
      items.flatMap((item) => (item.type === type && "callId" in item ? [item.callId] : []));
    expect(new Set(ids("tool-call")).size).toBe(2);
    expect(ids("tool-result")).toEqual(ids("tool-call"));
    expect(ids("tool-call").every(Boolean)).toBe(true);
    expect(resultsIn(await history())).toHaveLength(2);
  });

  it("that come again in a later run are replaced as well", async () => {
    const call = { ...calls({ name: "list_guests", callId: "ollama-call-0" }) };
    const { run, history } = await setUp([call, says("1"), call, says("2")]);

    await run("one");
    await run("two");

    const ids = (await history()).flatMap((item) =>
      item.type === "tool-call" ? [item.callId] : [],
    );
    expect(ids[0]).toBe("ollama-call-0");
    expect(new Set(ids).size).toBe(2);
  });
});

describe("a tool", () => {
  it("that hangs while reading is given up, and the others' results stay", async () => {
    const model = createScriptedModel([
      calls({ name: "get_guest", args: { guest: "a" } }, { name: "list_guests" }),
      says("One did not answer."),
    ]);
    const tools = [readingTool(() => new Promise(() => {})), listingTool()];
    const { run } = await setUpAgent({ model, tools, limits: hasty });

    expect((await run("look")).status).toBe("completed");
    const [hung, listed] = resultsIn(model.requests[1]?.items ?? []);
    expect(hung).toContain("no answer within 0.06 seconds");
    expect(listed).toBe("101 ct web-01");
  });

  it("that hangs while changing leaves the outcome open, and the next change is made", async () => {
    const done: string[] = [];
    const model = createScriptedModel([
      calls(start, { name: "shutdown_guest", args: { guest: "b" } }),
      says("All done!"),
    ]);
    const tools = [
      changingTool("start_guest", "reversible", () => new Promise(() => {})),
      changingTool("shutdown_guest", "disruptive", async (guest) => {
        done.push(guest);
      }),
    ];
    const { run, audit } = await setUpAgent({ model, tools, limits: hasty });

    const { reply } = await run("start a, shut down b");

    expect(done).toEqual(["b"]);
    expect(reply).toContain("Did not finish: start_guest a. No end was seen within 0.06 seconds.");
    expect((await audit.tail({ limit: 9 })).map(({ step }) => step)).toContain("started");
  });

  it("that hangs while planning changes nothing", async () => {
    const model = createScriptedModel([calls(start), says("Hm.")]);
    const hanging = {
      ...changingTool("start_guest", "reversible"),
      plan: () => new Promise<never>(() => {}),
    };
    const { run, audit } = await setUpAgent({ model, tools: [hanging], limits: hasty });

    expect(await run("start a")).toMatchObject({ calls: [{ decision: "error" }] });
    expect(await audit.tail({ limit: 1 })).toEqual([]);
  });

  it("that gives up when told to says itself how far it came", async () => {
    const model = createScriptedModel([calls(start), says("Hm.")]);
    const following = changingTool("start_guest", "reversible", async (_, { signal }) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      throw new PublicError("It still runs: UPID:pve1:1.");
    });
    const { run } = await setUpAgent({
      model,
      tools: [following],
      limits: { ...hasty, graceTime: 500 },
    });

    expect((await run("start a")).reply).toContain("It still runs: UPID:pve1:1.");
  });
});

describe("a model that does not stop", () => {
  it("has to answer on the last turn, and is told so", async () => {
    let turn = 0;
    const { run, model } = await setUp(() =>
      ++turn < 8 ? calls({ name: "get_guest", args: { guest: `${turn}` } }) : says("Enough."),
    );

    expect(await run("look")).toMatchObject({ status: "completed", reply: "Enough." });
    const last = model.requests.at(-1);
    expect(model.requests).toHaveLength(8);
    expect(last).toMatchObject({ toolChoice: "none" });
    expect(last?.items.at(-1)).toEqual({ type: "event", text: "Answer now." });
  });

  it("gets its last calls not carried out, and code answers", async () => {
    let turn = 0;
    const { run, model, acts, history } = await setUp(() =>
      calls({ name: "start_guest", args: { guest: `g${++turn}` } }),
    );

    const { status, reply } = await run("start them");

    expect(status).toBe("limit");
    expect(model.requests).toHaveLength(8);
    expect(acts).toEqual(["g1", "g2", "g3", "g4", "g5", "g6", "g7"]);
    expect(reply).toMatch(/^I stopped after 8 steps without an answer\.\n\nDone: start_guest g1\./);
    expect((await history()).at(-1)).toEqual({ type: "assistant", text: reply });
  });

  it("gets a change made once, however often it asks for it", async () => {
    const { run, acts, model } = await setUp(() => calls(start));

    const { status, reply } = await run("start a");

    expect(acts).toEqual(["a"]);
    expect(status).toBe("limit");
    expect(model.requests).toHaveLength(4);
    expect(reply).toContain("Done: start_guest a.");
  });

  it("gets a change made once that it asks for twice in one turn", async () => {
    const { acts, told } = await tell(calls(start, start));

    expect(acts).toEqual(["a"]);
    expect(told[1]).toContain("Repeated call");
  });

  it("gets the same read twice, then is told that it repeats itself", async () => {
    const { run, model } = await setUp(() => calls({ name: "list_guests" }));

    expect((await run("list")).status).toBe("limit");
    expect(model.requests).toHaveLength(5);
    expect(resultsIn(model.requests.at(-1)?.items ?? [])[2]).toContain("Repeated call");
  });

  it("is stopped after three turns of nothing but errors", async () => {
    const { run, model } = await setUp(() => calls({ name: "nonsense" }));

    const { status, reply } = await run("go");

    expect(status).toBe("limit");
    expect(model.requests).toHaveLength(3);
    expect(reply).toContain("nothing that I tried worked");
    expect(reply).toContain("Nothing was changed.");
  });

  it("gets sixteen calls of one turn carried out and the rest refused", async () => {
    const many = Array.from({ length: 20 }, (_, index) => ({
      name: "start_guest",
      args: { guest: `g${index}` },
    }));
    const { acts, told } = await tell(calls(...many));

    expect(acts).toHaveLength(16);
    expect(told).toHaveLength(20);
    expect(told[16]).toContain("at most 16 calls");
  });

  it("gets no more calls carried out than a request may take", async () => {
    let turn = 0;
    const { run, acts } = await setUp(
      () => {
        turn++;
        return calls(
          { name: "start_guest", args: { guest: `a${turn}` } },
          { name: "start_guest", args: { guest: `b${turn}` } },
        );
      },
      { calls: 3 },
    );

    expect(await run("start them all")).toMatchObject({ status: "limit" });
    expect(acts).toEqual(["a1", "b1", "a2"]);
  });

  it("is stopped when its time is up, over all its requests", async () => {
    const { run, model } = await setUp(
      async () => {
        await new Promise((resolve) => setTimeout(resolve, 100));
        return calls({ name: "list_guests" });
      },
      { modelTime: 300, graceTime: 5 },
    );

    expect(await run("list")).toMatchObject({ status: "deadline" });
    // None of them takes too long by itself, and five of them are the most in any case.
    expect(model.requests.length).toBeGreaterThan(1);
    expect(model.requests.length).toBeLessThan(5);
  });

  it("is stopped when its tokens are used up", async () => {
    const { run, model } = await setUp(() => calls({ name: "list_guests" }), { tokens: 100 });

    expect(await run("list")).toMatchObject({ status: "limit" });
    expect(model.requests).toHaveLength(1);
  });
});

describe("a model that gives no usable answer", () => {
  const kinds: readonly ModelErrorKind[] = [
    "timeout",
    "connection",
    "rate-limit",
    "auth",
    "quota",
    "bad-request",
    "context-length",
    "invalid-response",
    "server",
    "aborted",
  ];

  it.each(kinds)("(%s) is asked once, and the person is told", async (kind) => {
    const { run, model, history } = await setUp([
      new ModelError(kind, "sk-secret", { requests: 3 }),
    ]);

    const { status, reply, modelCalls } = await run("hi");

    expect(status).toBe("failed");
    expect(reply).toMatch(/^(The language model|This request).*\n\nNothing was changed\.$/);
    expect(reply).not.toContain("sk-secret");
    expect(modelCalls).toBe(3);
    expect(await history()).toHaveLength(2);
    model.assertComplete();
  });

  it("after a change does not hide the change", async () => {
    const { run, acts } = await setUp([calls(start), new ModelError("server", "500")]);

    const { status, reply } = await run("start a");

    expect(acts).toEqual(["a"]);
    expect(status).toBe("failed");
    expect(reply).toContain("Done: start_guest a.");
    expect(reply).not.toContain("Nothing was changed");
  });

  it("leaves the conversation fit for the next request", async () => {
    const { run, model } = await setUp([
      calls(start),
      new ModelError("invalid-response", "<html>"),
      says("Yes, a runs."),
    ]);
    await run("start a");

    expect((await run("does a run?")).reply).toBe("Yes, a runs.");
    const types = model.requests.at(-1)?.items.map(({ type }) => type);
    expect(types).toEqual(["user", "tool-call", "tool-result", "assistant", "user"]);
  });

  it("breaks its promise and throws something else: the log has it, the person an id", async () => {
    const { run } = await setUp([new TypeError("Cannot read properties of undefined")]);

    const { status, reply } = await run("hi");

    expect(status).toBe("failed");
    expect(reply).toMatch(/error id E-[0-9a-f]{8}/);
    expect(reply).not.toContain("undefined");
  });

  it("hangs, deaf to its signal", async () => {
    const { run } = await setUp(() => new Promise(() => {}), hasty);

    expect(await run("hi")).toMatchObject({
      status: "deadline",
      reply: expect.stringContaining("longer than 0.06 seconds"),
    });
  });

  it("says nothing at all", async () => {
    const { run, model } = await setUp([{ items: [] }]);

    expect((await run("hi")).reply).toBe(
      "The language model gave no answer.\n\nNothing was changed.",
    );
    model.assertComplete();
  });

  it("says nothing after it looked: what was found is the answer", async () => {
    const { run } = await setUp([calls({ name: "list_guests" }), says("  \n")]);

    expect((await run("list")).reply).toBe("101 ct web-01");
  });
});

describe("an answer that", () => {
  it("was cut at the length limit says so", async () => {
    const { run } = await setUp([{ ...says("The guests are"), finish: "length" }]);

    const { status, reply } = await run("list");

    expect(status).toBe("limit");
    expect(reply).toMatch(/^The guests are\n\n\(The answer was cut/);
  });

  it("was cut amid its calls has none of them carried out", async () => {
    const { run, acts, history } = await setUp([{ ...calls(start), finish: "length" }]);

    const { status, reply } = await run("start a and b");

    expect(acts).toEqual([]);
    expect(status).toBe("limit");
    expect(reply).toContain("nothing of that step was carried out");
    expect(await history()).toHaveLength(2);
  });

  it("is a refusal is passed on", async () => {
    const { run } = await setUp([
      { ...says("I can't help with that."), finish: "refusal" },
      { items: [], finish: "refusal" },
    ]);

    expect((await run("hm")).reply).toBe("I can't help with that.");
    expect((await run("hm")).reply).toContain("declined to answer");
  });
});
