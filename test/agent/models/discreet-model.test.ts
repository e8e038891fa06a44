import { describe, expect, it } from "vitest";
import type { Model, ModelRequest } from "#src/agent/model.ts";
import { createDiscreetModel } from "#src/agent/models/discreet-model.ts";
import { createRedactor } from "#src/redaction.ts";
import { aModelRequest } from "#test/support/model-requests.ts";

const secret = "01234567-89ab-cdef-0123-456789abcdef";
const redact = createRedactor([secret]);

/** A model that says these pieces, and the request that it was given. */
function modelThatSays(pieces: readonly string[]) {
  const asked: ModelRequest[] = [];
  const usage = { inputTokens: 0, cachedTokens: 0, outputTokens: 0, estimated: false };
  const model: Model = {
    id: "outspoken",
    async respond(request) {
      asked.push(request);
      for (const piece of pieces) request.onText?.(piece);
      const text = pieces.join("");
      const argumentsJson = JSON.stringify({ guest: text });
      const call = { type: "tool-call", callId: "1", name: "get_guest", argumentsJson } as const;
      const items = [{ type: "assistant", text } as const, call];
      return { items, finish: "stop", usage, model: "outspoken", requests: 1 };
    },
  };
  return { model: createDiscreetModel(model, redact), asked };
}

async function piecesOf(pieces: readonly string[]) {
  const heard: string[] = [];
  const { model } = modelThatSays(pieces);
  const response = await model.respond(aModelRequest({ onText: (delta) => heard.push(delta) }));
  return { heard, response };
}

describe("a discreet model", () => {
  it("is told no secret, wherever one stands in the request", async () => {
    const { model, asked } = modelThatSays([]);
    const request = aModelRequest({
      items: [
        { type: "user", text: `my key is ${secret}` },
        { type: "tool-result", callId: "1", output: JSON.stringify({ notes: secret }) },
      ],
    });

    await model.respond({
      ...request,
      context: { ...request.context, inventoryNote: `The server said ${secret}.` },
    });

    const [{ items, context } = request] = asked;
    expect(JSON.stringify({ items, context })).not.toContain(secret);
    expect(items).toMatchObject([{ text: "my key is ‹secret›" }, { type: "tool-result" }]);
    expect(context.inventoryNote).toBe("The server said ‹secret›.");
    expect(context.now).toEqual(request.context.now);
  });

  it("says no secret, in its answer or in a call", async () => {
    const { response } = await piecesOf([`It is ${secret}.`]);

    expect(response.items).toMatchObject([
      { text: "It is ‹secret›." },
      { argumentsJson: '{"guest":"It is ‹secret›."}' },
    ]);
  });

  it("says none piece by piece either", async () => {
    const { heard } = await piecesOf(["It is ", ...secret, ", keep ", "it", "."]);

    expect(heard).toEqual(["It is ", "‹secret›, keep ", "it."]);
  });

  it("says a key of many lines at the end, when it is known to be one", async () => {
    const lines = [
      "Here:\n",
      "-----BEGIN PRIVATE KEY-----\n",
      "AbCd\n",
      "-----END PRIVATE KEY-----\n",
    ];

    const { heard } = await piecesOf(lines);

    expect(heard).toEqual(["Here:\n", "‹secret›\n"]);
  });

  it("says the words of a language without spaces as they come", async () => {
    const { heard } = await piecesOf(["仮想", "マシン", "101"]);

    expect(heard).toEqual(["仮想", "マシン", "101"]);
  });
});
