import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Usage } from "#src/agent/model.ts";
import { createOpenAiChatModel } from "#src/agent/models/openai-chat.ts";
import { createOpenAiResponsesModel } from "#src/agent/models/openai-responses.ts";
import { createResilientModel } from "#src/agent/models/resilient-model.ts";
import { silentLogger } from "#src/log.ts";
import { aModelRequest } from "#test/support/model-requests.ts";
import { type OpenAiServer, startOpenAiServer } from "#test/support/openai-server.ts";

it("lets go of an exchange once it has ended", async () => {
  const usage: Usage = { inputTokens: 1, cachedTokens: 0, outputTokens: 1, estimated: false };
  const answer = { items: [], finish: "stop", usage } as const;
  const signals: AbortSignal[] = [];
  const model = createResilientModel(
    {
      quirks: [],
      complete: () => expect.fail("streaming is the default"),
      async stream(_, { signal, onPiece }) {
        signals.push(signal);
        if (signals.length === 2) onPiece();
        return answer;
      },
    },
    { model: "gpt-test", patience: { answerTime: 20, idleTime: 20 }, log: silentLogger },
  );

  await model.respond(aModelRequest());
  await model.respond(aModelRequest());
  await sleep(40);

  expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
});

describe.each([
  { api: "chat", create: createOpenAiChatModel },
  { api: "responses", create: createOpenAiResponsesModel },
] as const)("over $api, OpenAI and Azure", ({ api, create }) => {
  const azure = "https://acme.openai.azure.com/openai/v1";
  let server: OpenAiServer;

  beforeEach(() => {
    const { fetch } = globalThis;
    vi.stubGlobal("fetch", (url: string, init: RequestInit) =>
      fetch(url.replace(azure, server.baseUrl), init),
    );
  });

  afterEach(async () => {
    vi.unstubAllGlobals();
    await server.close();
  });

  function strictness(body: Readonly<Record<string, unknown>>): unknown {
    const [tool] = body.tools as { strict?: unknown; function?: { strict?: unknown } }[];
    return tool?.function?.strict ?? tool?.strict;
  }

  it("get strict tools, and the key as a bearer", async () => {
    server = await startOpenAiServer([{ text: "Hello." }]);
    const options = { apiKey: "azure-key", baseUrl: `${azure}/`, model: "gpt-test" };

    await create({ ...options, log: silentLogger }).respond(aModelRequest());

    expect(server.requests[0]).toMatchObject({
      api,
      headers: { authorization: "Bearer azure-key" },
    });
    expect(strictness(server.requests[0]?.body ?? {})).toBe(true);
  });

  it("get tools that are not strict once they refused a schema", async () => {
    const message = "Invalid schema for function 'shutdown_guest': In context=()";
    server = await startOpenAiServer(({ body }) =>
      strictness(body) === true
        ? { status: 400, body: { error: { message } } }
        : { text: "Hello." },
    );
    const model = create({ baseUrl: azure, model: "gpt-test", log: silentLogger });

    await expect(model.respond(aModelRequest())).resolves.toMatchObject({ requests: 2 });
    await expect(model.respond(aModelRequest())).resolves.toMatchObject({ requests: 1 });
    server.assertComplete();
  });
});
