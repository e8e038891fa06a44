import { describe, expect, it } from "vitest";
import type { Model, ModelRequest } from "#src/agent/model.ts";
import { createDiscreetModel } from "#src/agent/models/discreet-model.ts";
import { createRedactor } from "#src/redaction.ts";
import { aModelRequest } from "#test/support/model-requests.ts";

const secret = "01234567-89ab-cdef-0123-456789abcdef";
const redact = createRedactor([secret]);
const answerLength = 100_000;

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
  return { model: createDiscreetModel(model, redact, { answerLength }), asked };
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

  it.each([
    ["a password in an address", "see https://bob:pässwort4711@host/x now"],
    ["one of a name with an umlaut", "see https://böb:passwort4711@host/x now"],
    ["a token of Proxmox's", "call root@pam!tok=grün-geheim-4711-äbc now"],
    ["a ticket of Proxmox's", "PVE:jürg@pam:6560A1B2::Zm9v1YmFyQmF6cXV4MDE== now"],
    ["one in a language without spaces", "詳細はhttps://bob:仮想pass4711@host/を参照"],
  ])("says none letter by letter that has letters of any language: %s", async (_, text) => {
    const { heard } = await piecesOf([...text]);

    expect(redact(text)).toContain("‹secret›");
    expect(heard.join("")).toBe(redact(text));
  });

  it("says a key of many lines at the end, when it is known to be one", async () => {
    const lines = [
      "Here:\n",
      "-----BEGIN PRIVATE KEY-----\n",
      "AbCd\n",
      "-----END PRIVATE KEY-----\n",
    ];

    const { heard } = await piecesOf(lines);

    expect(heard).toEqual(["Here:\n", "‹secret›", "\n"]);
  });

  it.each([
    ["letter by letter", (text: string) => [...text]],
    ["word by word", (text: string) => text.split(/(?<= |\n)/)],
    ["at once", (text: string) => [text]],
  ])("says what stands around keys, which it says as it says all: %s", async (_, split) => {
    const key = "-----BEGIN RSA PRIVATE KEY-----\nAb Cd, e\n-----END RSA PRIVATE KEY-----";
    const certificate = "-----BEGIN CERTIFICATE-----\nAbCd\n-----END CERTIFICATE-----";
    const said = (hidden: string) => `one ${hidden}\n${certificate} ${hidden}xoxo ${hidden}, end`;

    const { heard } = await piecesOf(split(said(key)));

    expect(heard.join("")).toBe(said("‹secret›"));
  });

  it("goes on after what is no key in the end", async () => {
    const { heard } = await piecesOf(["-----BEGIN ", "PRIVATE ", "PARTY----- ", "now "]);

    expect(heard).toEqual(["-----BEGIN PRIVATE PARTY----- ", "now "]);
  });

  it("hides a key of which no end comes", async () => {
    const { heard } = await piecesOf(["so: ", "-----BEGIN PRIVATE KEY-----\n", "AbCd\n", "EfGh"]);

    expect(heard).toEqual(["so: ", "‹secret›"]);
  });

  it("looks at no more of an answer than may be used, and leaves no more of it than its length", async () => {
    const looked: string[] = [];
    const see = (text: string) => {
      looked.push(text);
      return text;
    };
    const text = `${"word ".repeat(30)}${secret}`;
    const items = [{ type: "assistant", text }] as const;
    const model: Model = {
      id: "endless",
      async respond({ onText }) {
        for (const word of text.split(/(?<= )/)) onText?.(word);
        const usage = { inputTokens: 0, cachedTokens: 0, outputTokens: 0, estimated: false };
        return { items, finish: "stop", usage, model: "endless", requests: 1 };
      },
    };
    const heard: string[] = [];
    const onText = (delta: string) => void heard.push(delta);

    const discreet = createDiscreetModel(model, see, { answerLength: 100 });
    const answer = await discreet.respond(aModelRequest({ items: [], onText }));

    expect(heard.join("")).toBe("word ".repeat(20));
    expect(looked.join("")).not.toContain(secret);
    expect(answer.items).toEqual([{ type: "assistant", text: " ".repeat(text.length) }]);
  });

  it.each([
    ["after the beginning of a key", "-----BEGIN PRIVATE KEY----- ", "word "],
    ["after beginnings of keys", "", "-----BEGIN PRIVATE KEY-----, "],
    ["after what may become one", "", "-----BEGIN "],
    ["in one word", "", "x"],
    ["after beginnings of credentials", "", "://é"],
    ["after a word that begins one", "x://", "é"],
  ])("takes time in proportion to what is said %s", async (_, start, piece) => {
    const timeOf = async (count: number) => {
      const startedAt = performance.now();
      await piecesOf([start, ...Array.from({ length: count }, () => piece)]);
      return performance.now() - startedAt;
    };
    const count = Math.floor(90_000 / piece.length);
    await timeOf(count);
    const some = await timeOf(count / 8);

    expect(await timeOf(count)).toBeLessThan(40 * (some + 2));
  });

  it("says the words of a language without spaces as they come", async () => {
    const { heard } = await piecesOf(["仮想", "マシン", "101"]);

    expect(heard).toEqual(["仮想", "マシン", "101"]);
  });

  it("says them soon after an address, too", async () => {
    const words = Array.from({ length: 200 }, () => "仮想");
    const { heard } = await piecesOf(["https://pve1", ...words]);

    expect(heard[0]).toBe(`https://pve1${"仮想".repeat(97)}`);
    expect(heard.slice(1)).toEqual(words.slice(97));
  });
});
