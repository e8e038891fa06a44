import { expect, it } from "vitest";
import { createOpenAiModel } from "#src/agent/models/openai-model.ts";
import { silentLogger } from "#src/log.ts";
import { aModelRequest } from "#test/support/model-requests.ts";
import { startScriptedServer } from "#test/support/scripted-server.ts";

it.each([
  ["auto", "chat"],
  ["chat", "chat"],
  ["responses", "responses"],
] as const)("set to %s, talks to a compatible server over %s", async (api, used) => {
  const server = await startScriptedServer([{ text: "Hello." }]);
  const { baseUrl } = server;

  const model = await createOpenAiModel({ api, baseUrl, model: "qwen3", log: silentLogger });

  await expect(model.respond(aModelRequest())).resolves.toMatchObject({ model: "qwen3" });
  expect(server.requests[0]?.api).toBe(used);
});
