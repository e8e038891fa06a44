import { describe, expect, it } from "vitest";
import type { Item } from "#src/agent/model.ts";
import { createOpenAiResponsesModel } from "#src/agent/models/openai-responses.ts";
import { silentLogger } from "#src/log.ts";
import { aModelRequest } from "#test/support/model-requests.ts";
import type { OpenAiServer, ServerScript } from "#test/support/openai-server.ts";
import { startScriptedServer } from "#test/support/scripted-server.ts";

function modelOn({ baseUrl }: OpenAiServer, { model = "gpt-test", streaming = true } = {}) {
  const options = { model, streaming, patience: { firstDelay: 1 }, log: silentLogger };
  return createOpenAiResponsesModel({ ...options, baseUrl });
}

async function setup(script: ServerScript, options?: { readonly streaming?: boolean }) {
  const server = await startScriptedServer(script);
  return { server, model: modelOn(server, options) };
}

const user: Item = { type: "user", text: "shut down web-01" };

describe.each([{ streaming: true }, { streaming: false }])("reasoning, %o", ({ streaming }) => {
  const thinking = { encryptedReasoning: "gAAA", calls: [{ name: "shutdown_guest", id: "1" }] };

  async function thinkAndCall(script: ServerScript) {
    const { server, model } = await setup(script, { streaming });
    const { items } = await model.respond(aModelRequest({ items: [user] }));
    const history: Item[] = [user, ...items, { type: "tool-result", callId: "1", output: "done" }];
    return { server, model, history };
  }

  it("goes back as it came, between the words and the call", async () => {
    const { server, model, history } = await thinkAndCall([thinking, { text: "Done." }]);

    await model.respond(aModelRequest({ items: history }));

    server.assertComplete();
    expect(server.requests[1]?.entries.slice(-3)).toEqual([
      {
        type: "reasoning",
        payload: { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "gAAA" },
      },
      { type: "call", id: "1", name: "shutdown_guest", argumentsJson: "{}" },
      { type: "result", id: "1", output: "done" },
    ]);
  });

  it("does not go to another model", async () => {
    const { server, history } = await thinkAndCall([thinking, { text: "Done." }]);
    const other = modelOn(server, { model: "gpt-other", streaming });

    await other.respond(aModelRequest({ items: history }));

    expect(server.requests[1]?.entries.map(({ type }) => type)).not.toContain("reasoning");
  });

  it("is left out when the server cannot read it any more", async () => {
    const message = "The encrypted content gAAA could not be verified.";
    const { server, model, history } = await thinkAndCall(({ entries, results }) => {
      if (entries.some(({ type }) => type === "reasoning")) {
        return { status: 400, body: { error: { message } } };
      }
      return results.length > 0 ? { text: "Done." } : thinking;
    });

    await expect(model.respond(aModelRequest({ items: history }))).resolves.toMatchObject({
      requests: 2,
    });
    expect(server.requests[2]?.body).toMatchObject({ include: ["reasoning.encrypted_content"] });
  });
});

it("keeps nothing at the server", async () => {
  const { server, model } = await setup(() => ({ text: "Done." }));

  await model.respond(aModelRequest());
  await model.respond(aModelRequest());

  for (const { body } of server.requests) {
    expect(body).toMatchObject({ store: false, include: ["reasoning.encrypted_content"] });
    expect(body).not.toHaveProperty("previous_response_id");
  }
});

it("asks for no encrypted reasoning of a model that does not reason", async () => {
  const error = {
    message: "Encrypted content is not supported with this model.",
    param: "include",
  };
  const { model } = await setup(({ body }) =>
    "include" in body ? { status: 400, body: { error } } : { text: "Fine." },
  );

  await expect(model.respond(aModelRequest())).resolves.toMatchObject({ requests: 2 });
});

it("takes the items as they were finished, should the last event leave them out", async () => {
  const item = {
    type: "message",
    content: [{ type: "output_text", text: "Done." }],
  };
  const { model } = await setup([
    {
      events: [
        { type: "response.output_item.done", item: { type: "web_search_call" } },
        { type: "response.output_item.done", item },
        { type: "response.completed", response: { status: "completed", output: [] } },
      ],
    },
  ]);

  await expect(model.respond(aModelRequest())).resolves.toMatchObject({
    items: [{ type: "assistant", text: "Done." }],
    usage: { estimated: true },
  });
});

it("reads an answer that comes whole although a stream was asked for", async () => {
  const output = [{ type: "message", content: [{ type: "output_text", text: "Done." }] }];
  const { model } = await setup([{ status: 200, body: { status: "completed", output } }]);

  await expect(model.respond(aModelRequest())).resolves.toMatchObject({
    items: [{ text: "Done." }],
  });
});

it.each([
  [{ code: "server_error", message: "The model crashed" }, "server", 3],
  [{ code: "rate_limit_exceeded", message: "Slow down" }, "rate-limit", 3],
  [{ code: "context_length_exceeded", message: "Too long" }, "context-length", 1],
] as const)("tells a response that failed by its error: %o", async (error, kind, requests) => {
  const { model } = await setup(() => ({
    events: [{ type: "response.failed", response: { status: "failed", error } }],
  }));

  await expect(model.respond(aModelRequest())).rejects.toMatchObject({ kind, requests });
});

it("does not take a response in progress for an answer", async () => {
  const { model } = await setup(() => ({
    status: 200,
    body: { status: "in_progress", output: [{ type: "message", content: [] }] },
  }));

  await expect(model.respond(aModelRequest())).rejects.toMatchObject({ kind: "invalid-response" });
});
