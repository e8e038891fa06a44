import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Item, ModelError } from "#src/agent/model.ts";
import { createOpenAiChatModel } from "#src/agent/models/openai-chat.ts";
import { createOpenAiResponsesModel } from "#src/agent/models/openai-responses.ts";
import type { OpenAiModelOptions } from "#src/agent/models/resilient-model.ts";
import { silentLogger } from "#src/log.ts";
import { eventually } from "#test/support/eventually.ts";
import { aModelRequest } from "#test/support/model-requests.ts";
import { type ServerScript, startOpenAiServer } from "#test/support/openai-server.ts";
import { startScriptedServer } from "#test/support/scripted-server.ts";

const apiKey = "local-key-0123456789";

describe.each([
  { api: "chat", create: createOpenAiChatModel, streaming: true },
  { api: "chat", create: createOpenAiChatModel, streaming: false },
  { api: "responses", create: createOpenAiResponsesModel, streaming: true },
  { api: "responses", create: createOpenAiResponsesModel, streaming: false },
] as const)("the $api model, streaming: $streaming", ({ api, create, streaming }) => {
  async function setup(script: ServerScript, options: Partial<OpenAiModelOptions> = {}) {
    const server = await startScriptedServer(script);
    const model = create({
      apiKey,
      baseUrl: `${server.baseUrl}/`,
      model: "gpt-test",
      streaming,
      patience: { firstDelay: 1 },
      log: silentLogger,
      ...options,
    });
    return { server, model };
  }

  async function failure(script: ServerScript, options?: Partial<OpenAiModelOptions>) {
    const { server, model } = await setup(script, options);
    const error: ModelError = await model.respond(aModelRequest()).then(
      () => expect.fail("it answered"),
      (error) => error,
    );
    expect(error.name).toBe("ModelError");
    return { server, error };
  }

  describe("an answer", () => {
    it("comes with its text, usage and the number of requests", async () => {
      const { server, model } = await setup([{ text: "web-01 is running." }]);
      const heard: string[] = [];

      const response = await model.respond(aModelRequest({ onText: (delta) => heard.push(delta) }));

      expect(response).toEqual({
        items: [{ type: "assistant", text: "web-01 is running." }],
        finish: "stop",
        usage: { inputTokens: 1000, cachedTokens: 800, outputTokens: 20, estimated: false },
        model: "gpt-test",
        requests: 1,
      });
      expect(heard.join("")).toBe("web-01 is running.");
      expect(heard.length > 1).toBe(streaming);
      expect(server.requests[0]?.api).toBe(api);
      expect(server.requests[0]?.stream).toBe(streaming);
    });

    it("calls several tools at once, with text before", async () => {
      const { model } = await setup([
        {
          text: "On it.",
          calls: [
            { name: "shutdown_guest", args: { guest: "101" }, id: "a" },
            { name: "shutdown_guest", args: { guest: "102" }, id: "b" },
          ],
        },
      ]);

      const { items, finish } = await model.respond(aModelRequest());

      expect(finish).toBe("tool-calls");
      expect(items).toEqual([
        { type: "assistant", text: "On it." },
        {
          type: "tool-call",
          callId: "a",
          name: "shutdown_guest",
          argumentsJson: '{"guest":"101"}',
        },
        {
          type: "tool-call",
          callId: "b",
          name: "shutdown_guest",
          argumentsJson: '{"guest":"102"}',
        },
      ]);
    });

    it("keeps missing and doubled call ids and broken arguments as they come", async () => {
      const { model } = await setup([
        {
          calls: [
            { name: "shutdown_guest", args: '{"guest":', id: "" },
            { name: "shutdown_guest", args: "", id: "x" },
            { name: "constructor", id: "x" },
          ],
        },
      ]);

      const { items } = await model.respond(aModelRequest());

      expect(items).toEqual([
        { type: "tool-call", callId: "", name: "shutdown_guest", argumentsJson: '{"guest":' },
        { type: "tool-call", callId: "x", name: "shutdown_guest", argumentsJson: "" },
        { type: "tool-call", callId: "x", name: "constructor", argumentsJson: "{}" },
      ]);
    });

    it("estimates the usage that a server does not count", async () => {
      const { model } = await setup([{ text: "Hello.", usage: null }]);

      const { usage } = await model.respond(aModelRequest());

      expect(usage.estimated).toBe(true);
      expect(usage.inputTokens).toBeGreaterThan(50);
      expect(usage.outputTokens).toBeGreaterThan(0);
    });

    it("says that it was cut for length", async () => {
      const finish = api === "chat" ? "length" : "max_output_tokens";
      const { model } = await setup([{ text: "web-01 is", finish }]);

      await expect(model.respond(aModelRequest())).resolves.toMatchObject({ finish: "length" });
    });

    it.each([{ refusal: "I cannot do that." }, { finish: "content_filter" }])(
      "may be a refusal: %o",
      async (reply) => {
        const { model } = await setup([reply]);

        await expect(model.respond(aModelRequest())).resolves.toMatchObject({ finish: "refusal" });
      },
    );
  });

  describe("a request", () => {
    const history: readonly Item[] = [
      { type: "user", text: "status of web-01?" },
      { type: "tool-call", callId: "1", name: "get_guest", argumentsJson: '{"guest":"101"}' },
      { type: "tool-result", callId: "1", output: "running" },
      { type: "assistant", text: "It is running." },
      { type: "event", text: "The deletion of 103 was approved." },
      { type: "user", text: "shut it down" },
      { type: "tool-call", callId: "2", name: "shutdown_guest", argumentsJson: '{"guest":"101"}' },
      { type: "tool-call", callId: "3", name: "shutdown_guest", argumentsJson: '{"guest":"102"}' },
      { type: "tool-result", callId: "2", output: "done" },
      { type: "tool-result", callId: "3", output: "denied" },
    ];

    it("carries the whole history in order, every call answered once", async () => {
      const { server, model } = await setup([{ text: "Done." }]);

      await model.respond(aModelRequest({ items: history }));

      server.assertComplete();
      const spoken = server.requests[0]?.entries.map((entry) => entry.type).join(" ");
      const between = api === "chat" ? "user" : "user user user";
      expect(spoken).toBe(`system user call result assistant ${between} call call result result`);
      expect(server.requests[0]?.results).toEqual(["done", "denied"]);
    });

    it("has the volatile context right before the latest words and nowhere else", async () => {
      const { server, model } = await setup([{ text: "Done." }]);

      await model.respond(aModelRequest({ items: history }));

      const texts = server.requests[0]?.entries.flatMap((entry) =>
        entry.type === "user" ? [entry.text] : [],
      );
      const [first, ...later] = texts ?? [];
      expect(first).toBe("status of web-01?");
      expect(later.join("\n\n")).toMatch(
        /^<event>The deletion of 103 was approved\.<\/event>\n\n<context>\n[\s\S]*101 ct web-01[\s\S]*<\/context>\n\nshut it down$/,
      );
    });

    it("sends the same bytes before the context in the next run", async () => {
      const { server, model } = await setup([{ text: "Done." }, { text: "Yes." }]);
      const next: readonly Item[] = [
        ...history,
        { type: "assistant", text: "Done." },
        { type: "user", text: "sure?" },
      ];

      await model.respond(aModelRequest({ items: history }));
      await model.respond(aModelRequest({ items: next }));

      server.assertComplete();
      const [before, after] = server.requests.map(({ entries }) => JSON.stringify(entries));
      const unchanged = before?.slice(0, before.indexOf("It is running."));
      expect(unchanged?.length).toBeGreaterThan(100);
      expect(after?.startsWith(unchanged ?? "-")).toBe(true);
    });

    it("mends calls of the history that would make a server refuse it", async () => {
      const { server, model } = await setup([{ text: "Sorry." }]);

      await model.respond(
        aModelRequest({
          items: [
            { type: "user", text: "stop all" },
            { type: "tool-call", callId: "1", name: "stop all!", argumentsJson: '{"guest":' },
            { type: "tool-call", callId: "2", name: "", argumentsJson: "[]" },
            { type: "tool-result", callId: "1", output: "no such tool" },
            { type: "tool-result", callId: "2", output: "no such tool" },
          ],
        }),
      );

      server.assertComplete();
      expect(server.requests[0]?.entries.filter(({ type }) => type === "call")).toEqual([
        {
          type: "call",
          id: "1",
          name: "stop_all_",
          argumentsJson: '{"malformed":"{\\"guest\\":"}',
        },
        { type: "call", id: "2", name: "unnamed", argumentsJson: '{"malformed":"[]"}' },
      ]);
    });

    it("lets the model choose, and forbids calls on the last turn", async () => {
      const { server, model } = await setup([{ text: "A." }, { text: "B." }, { text: "C." }]);

      await model.respond(aModelRequest());
      await model.respond(aModelRequest({ toolChoice: "none" }));

      const [free, last] = server.requests.map(({ body }) => body);
      expect(free).not.toHaveProperty("tool_choice");
      expect(free).toMatchObject({ parallel_tool_calls: true });
      expect(last).toMatchObject({ tool_choice: "none", tools: free?.tools });
    });

    it("says nothing of tools where there are none", async () => {
      const { server, model } = await setup([{ text: "A." }]);

      await model.respond(aModelRequest({ tools: [], toolChoice: "none" }));

      expect(server.requests[0]?.body).not.toHaveProperty("tools");
      expect(server.requests[0]?.body).not.toHaveProperty("parallel_tool_calls");
      expect(server.requests[0]?.body).not.toHaveProperty("tool_choice");
    });

    it("goes to servers that want no key", async () => {
      const { model } = await setup([{ text: "A." }], { apiKey: undefined });

      await expect(model.respond(aModelRequest())).resolves.toMatchObject({ finish: "stop" });
    });
  });

  describe("a failure", () => {
    it.each([
      [408, undefined, "timeout", 3],
      [409, undefined, "server", 3],
      [429, undefined, "rate-limit", 3],
      [500, undefined, "server", 3],
      [503, undefined, "server", 3],
      [400, undefined, "bad-request", 1],
      [401, undefined, "auth", 1],
      [403, undefined, "auth", 1],
      [404, undefined, "bad-request", 1],
      [402, undefined, "quota", 1],
      [429, { code: "insufficient_quota", message: "You exceeded your quota" }, "quota", 1],
      [400, { code: "context_length_exceeded", message: "too long" }, "context-length", 1],
      [400, { message: "This model's maximum context length is 8192" }, "context-length", 1],
      [400, { message: "the request exceeds the available context size" }, "context-length", 1],
    ] as const)(
      "of status %i %o is %s after %i requests",
      async (status, error, kind, requests) => {
        const { server, error: failed } = await failure(() => ({
          status,
          body: { error: error ?? { message: "no" } },
        }));

        expect(failed).toMatchObject({ kind, status, requests });
        expect(server.requests).toHaveLength(requests);
      },
    );

    it.each([
      ["a page of HTML", { status: 200, body: "<html>Sign in</html>" }],
      ["no choices", { status: 200, body: { choices: [], output: [], status: "completed" } }],
      ["no content", {}],
      ["blank text", { text: " \n" }],
      [
        "something else",
        { status: 200, body: { choices: "none", output: 3, status: "completed" } },
      ],
      [
        "broken JSON",
        { status: 200, body: '{"choi', headers: { "content-type": "application/json" } },
      ],
      ["no finish reason", { text: "web-01 is", finish: null }],
    ] as const)("is an invalid response: %s", async (_, reply) => {
      const { server, error } = await failure(() => reply);

      expect(error).toMatchObject({ kind: "invalid-response", requests: 3 });
      expect(server.requests).toHaveLength(3);
    });

    it("is a connection refused", async () => {
      const gone = await startOpenAiServer([]);
      await gone.close();
      const model = create({
        baseUrl: gone.baseUrl,
        model: "gpt-test",
        patience: { firstDelay: 1 },
        log: silentLogger,
      });

      const error = await model.respond(aModelRequest()).catch((error) => error);

      expect(error).toMatchObject({ kind: "connection", requests: 3 });
      expect(error.message).toContain("ECONNREFUSED");
    });

    it("is a connection that breaks off", async () => {
      const { error } = await failure(() => ({ text: "web-01 is running", cutAfter: 2 }));

      expect(error).toMatchObject({ kind: "connection", requests: 3 });
    });

    it.each([
      ["does not begin in time", { text: "late", delayMs: 5_000 }],
      ["has an empty beginning and nothing more", { text: "late", stallAfter: 1 }],
    ])("is an answer that %s, and is not asked for again", async (_, reply) => {
      const { server, error } = await failure(() => reply, { patience: { answerTime: 500 } });

      expect(error).toMatchObject({ kind: "timeout", requests: 1 });
      expect(error.message).toBe("No answer within 0.5 s.");
      expect(server.requests).toHaveLength(1);
    });

    it("that passes is overcome", async () => {
      const { server, model } = await setup([
        { status: 503 },
        { text: "cut", cutAfter: 1 },
        { text: "web-01 is running." },
      ]);

      const response = await model.respond(aModelRequest());

      expect(response).toMatchObject({ requests: 3, finish: "stop" });
      server.assertComplete();
    });

    it("waits as long as the server asks, unless that is too long for a person", async () => {
      const { model } = await setup([
        { status: 429, headers: { "retry-after-ms": "60" } },
        { text: "Here." },
      ]);
      const started = performance.now();
      await model.respond(aModelRequest());
      expect(performance.now() - started).toBeGreaterThanOrEqual(55);

      const { error } = await failure(() => ({ status: 429, headers: { "retry-after": "120" } }));
      expect(error).toMatchObject({ kind: "rate-limit", requests: 1, retryAfter: 120_000 });
    });

    it("ends at once when the run is aborted, be it while asking or while waiting", async () => {
      const { server, model } = await setup(
        [
          { text: "never", delayMs: 5_000 },
          { status: 429, headers: { "retry-after": "5" } },
        ],
        { patience: {} },
      );
      for (const requests of [1, 2]) {
        const run = new AbortController();
        const { signal } = run;
        const answer = model.respond(aModelRequest({ signal })).catch((error) => error);
        await eventually(() => server.requests).toHaveLength(requests);
        // Time for the answer, after which it waits.
        await sleep(50);
        const abortedAt = performance.now();
        run.abort();

        expect(await answer).toMatchObject({ name: "ModelError", kind: "aborted", requests: 1 });
        expect(performance.now() - abortedAt).toBeLessThan(4_000);
        expect(server.requests).toHaveLength(requests);
      }
    });

    it("makes no request for a run that is over already", async () => {
      const { server, model } = await setup([]);

      const aborted = model.respond(aModelRequest({ signal: AbortSignal.abort() }));

      await expect(aborted).rejects.toMatchObject({ kind: "aborted", requests: 0 });
      expect(server.requests).toHaveLength(0);
    });

    it("never tells the key, even if the server does", async () => {
      const { error } = await failure(() => ({
        status: 401,
        body: { error: { message: `Incorrect API key provided: ${apiKey}, sk-other12345` } },
      }));

      expect(error.message).toContain("Incorrect API key");
      const everything = JSON.stringify([error.message, error.stack, error.cause]);
      expect(everything).not.toContain(apiKey);
      expect(everything).not.toContain("sk-other");
    });
  });

  describe("a server that knows less", () => {
    it.each([
      ["parallel_tool_calls", { message: "no", param: "parallel_tool_calls" }],
      ["parallel_tool_calls", { message: "Unknown field parallel_tool_calls" }],
    ])("is asked without %s from then on: %o", async (field, error) => {
      const { server, model } = await setup((request) =>
        field in request.body ? { status: 400, body: { error } } : { text: "Fine." },
      );

      await expect(model.respond(aModelRequest())).resolves.toMatchObject({ requests: 2 });
      await expect(model.respond(aModelRequest())).resolves.toMatchObject({ requests: 1 });
      expect(server.violations).toEqual([]);
    });

    it("may refuse one field after another", async () => {
      const fields = api === "chat" ? ["tool_choice", "parallel_tool_calls"] : ["include", "store"];
      const { model } = await setup(({ body }) => {
        const field = fields.find((name) => name in body);
        return field ? { status: 422, body: { error: { message: `${field}?` } } } : { text: "Ok." };
      });

      const response = await model.respond(aModelRequest({ toolChoice: "none" }));

      expect(response).toMatchObject({ requests: 3, finish: "stop" });
    });

    it("is not asked again when the refusal is not about a field of ours", async () => {
      const { server, error } = await failure(() => ({
        status: 400,
        body: { error: { message: "temperature: bad", param: "temperature" } },
      }));

      expect(error.kind).toBe("bad-request");
      expect(server.requests).toHaveLength(1);
    });
  });
});

describe.each([
  { api: "chat", create: createOpenAiChatModel },
  { api: "responses", create: createOpenAiResponsesModel },
] as const)("streaming over $api", ({ create }) => {
  async function setup(script: ServerScript) {
    const server = await startScriptedServer(script);
    const options = { model: "gpt-test", log: silentLogger, baseUrl: server.baseUrl };
    return { server, model: create({ ...options, patience: { firstDelay: 1, idleTime: 200 } }) };
  }

  it("asks no second time for an answer of which a part was heard", async () => {
    const { server, model } = await setup(() => ({ text: "web-01 is running", cutAfter: 4 }));
    const heard: string[] = [];

    const cut = model.respond(aModelRequest({ onText: (delta) => heard.push(delta) }));

    await expect(cut).rejects.toMatchObject({ kind: "connection", requests: 1 });
    expect(heard.join("")).toMatch(/^web-01 i/);
    expect(server.requests).toHaveLength(1);
  });

  it("gives up on an answer that stops coming, and does not ask for it again", async () => {
    const { model } = await setup([{ text: "web-01 is running", stallAfter: 4 }]);

    await expect(model.respond(aModelRequest())).rejects.toMatchObject({
      kind: "timeout",
      requests: 1,
      message: "The answer stopped for 0.2 s.",
    });
  });

  it("goes on without streaming where the server cannot", async () => {
    const { model } = await setup(({ stream }) =>
      stream
        ? { status: 400, body: { error: { message: "Cannot use tools with stream" } } }
        : { text: "Fine." },
    );
    const heard: string[] = [];

    const response = await model.respond(aModelRequest({ onText: (delta) => heard.push(delta) }));

    expect(response.requests).toBe(2);
    expect(heard).toEqual(["Fine."]);
  });
});
