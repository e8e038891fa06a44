import { describe, expect, it } from "vitest";
import { createOpenAiChatModel } from "#src/agent/models/openai-chat.ts";
import { silentLogger } from "#src/log.ts";
import { aModelRequest } from "#test/support/model-requests.ts";
import type { ServerScript } from "#test/support/openai-server.ts";
import { startScriptedServer } from "#test/support/scripted-server.ts";

async function setup(script: ServerScript) {
  const server = await startScriptedServer(script);
  const model = createOpenAiChatModel({
    baseUrl: server.baseUrl,
    apiKey: "sk-Scripted0123456789abcdef",
    model: "gpt-test",
    patience: { firstDelay: 1, idleTime: 200 },
    log: silentLogger,
  });
  return { server, model };
}

function chunk(delta: object, finish_reason: string | null = null) {
  return { choices: [{ delta, finish_reason }] };
}

function callPiece(name: string, args: unknown, more: object) {
  return { ...more, function: { name, arguments: args } };
}

describe("the tool calls of a stream", () => {
  it.each([
    ["are numbered by the server", { index: 0, id: "a" }, { index: 1, id: "b" }],
    ["are all numbered 0", { index: 0, id: "a" }, { index: 0, id: "b" }],
    ["are not numbered", { id: "a" }, { id: "b" }],
  ])("stay apart when they %s", async (_, first, second) => {
    const { model } = await setup([
      {
        events: [
          chunk({ tool_calls: [callPiece("start_guest", '{"guest":', first)] }),
          chunk({ tool_calls: [{ index: 0, function: { arguments: '"101"}' } }] }),
          chunk({ tool_calls: [callPiece("stop_guest", '{"guest":"102"}', second)] }),
          chunk({}, "tool_calls"),
        ].filter((_, index) => "index" in first || index !== 1),
      },
    ]);

    const { items } = await model.respond(aModelRequest());

    const start = "index" in first ? '{"guest":"101"}' : '{"guest":';
    expect(items).toEqual([
      { type: "tool-call", callId: "a", name: "start_guest", argumentsJson: start },
      { type: "tool-call", callId: "b", name: "stop_guest", argumentsJson: '{"guest":"102"}' },
    ]);
  });

  it("may have an object for arguments, or none at all", async () => {
    const { model } = await setup([
      {
        events: [
          chunk({
            tool_calls: [
              callPiece("start_guest", { guest: 101 }, { index: 0 }),
              { index: 1, id: "b", function: { name: "list_guests" } },
            ],
          }),
          chunk({}, "stop"),
        ],
      },
    ]);

    await expect(model.respond(aModelRequest())).resolves.toMatchObject({
      finish: "tool-calls",
      items: [{ argumentsJson: '{"guest":101}' }, { argumentsJson: "" }],
    });
  });
});

it("takes an answer as whole once it has its finish reason", async () => {
  const { model } = await setup([{ text: "Done.", cutAfter: 3 }]);

  await expect(model.respond(aModelRequest())).resolves.toMatchObject({
    items: [{ type: "assistant", text: "Done." }],
    usage: { estimated: true },
    requests: 1,
  });
});

it("reads content that comes in parts", async () => {
  const { model } = await setup([
    { events: [chunk({ content: [{ type: "text", text: "Do" }, { text: "ne." }] }, "stop")] },
  ]);

  await expect(model.respond(aModelRequest())).resolves.toMatchObject({
    items: [{ text: "Done." }],
  });
});

it("reads an answer that comes whole although a stream was asked for", async () => {
  const body = { choices: [{ message: { content: "Done." }, finish_reason: "stop" }] };
  const { model } = await setup([{ status: 200, body }]);

  await expect(model.respond(aModelRequest())).resolves.toMatchObject({
    items: [{ text: "Done." }],
    requests: 1,
  });
});

it("takes the error that a stream ends with for the server's", async () => {
  const { model } = await setup(() => ({
    events: [chunk({ content: "" }), { error: { message: "CUDA out of memory" } }],
  }));

  await expect(model.respond(aModelRequest())).rejects.toMatchObject({
    kind: "server",
    message: expect.stringContaining("CUDA out of memory"),
    requests: 3,
  });
});

it("asks for usage, and goes on without where that is refused", async () => {
  const { model, server } = await setup(({ body }) =>
    "stream_options" in body
      ? { status: 400, body: { error: { message: "stream_options is not supported" } } }
      : { text: "Fine.", usage: null },
  );

  const { usage, requests } = await model.respond(aModelRequest());

  expect(server.requests[0]?.body.stream_options).toEqual({ include_usage: true });
  expect(server.requests[1]?.stream).toBe(true);
  expect({ estimated: usage.estimated, requests }).toEqual({ estimated: true, requests: 2 });
});

it("does without reasoning where the model takes no tools with it", async () => {
  const message =
    "Function tools with reasoning_effort are not supported for gpt-test in /v1/chat/completions. Please use /v1/responses or set reasoning_effort to 'none'.";
  const { model } = await setup(({ body }) =>
    body.reasoning_effort === "none"
      ? { text: "Fine." }
      : { status: 400, body: { error: { message, param: "reasoning_effort" } } },
  );

  await expect(model.respond(aModelRequest())).resolves.toMatchObject({ requests: 2 });
});

it("joins what the user's side says in a row, as roles have to alternate", async () => {
  const { model, server } = await setup([{ text: "Hello." }]);

  await model.respond(
    aModelRequest({
      items: [
        { type: "user", text: "hello?" },
        { type: "event", text: "103 was deleted." },
        { type: "user", text: "anybody?" },
        { type: "event", text: "This is your last turn." },
      ],
    }),
  );

  expect(server.requests[0]?.entries.map(({ type }) => type)).toEqual(["system", "user"]);
  expect(server.requests[0]?.lastUserText).toMatch(/^hello\?[\s\S]*anybody\?\n\n<event>This is/);
});

it("leaves out reasoning, which only the other API takes back", async () => {
  const { model, server } = await setup([{ text: "Hello." }]);

  await model.respond(
    aModelRequest({
      items: [
        { type: "user", text: "hello?" },
        { type: "reasoning", api: "responses", payload: { secret: "thought" } },
      ],
    }),
  );

  expect(JSON.stringify(server.requests[0]?.body)).not.toContain("thought");
});

it("takes thinking aloud for a sign of life, and not for the answer", async () => {
  const thinking = [chunk({ reasoning_content: "Hm." }), chunk({ reasoning: "So." })];
  const events = [...thinking, chunk({ content: "Done." }, "stop")];
  const { model } = await setup([{ events }, { events, stallAfter: 2 }]);

  await expect(model.respond(aModelRequest())).resolves.toMatchObject({
    items: [{ type: "assistant", text: "Done." }],
  });
  await expect(model.respond(aModelRequest())).rejects.toMatchObject({
    message: "The answer stopped for 0.2 s.",
  });
});
