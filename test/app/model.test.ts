import { expect, it } from "vitest";
import { defaultLimits } from "#src/agent/limits.ts";
import { openModel } from "#src/app/model.ts";
import { silentLogger } from "#src/log.ts";
import { createRedactor } from "#src/redaction.ts";
import { clockAt } from "#test/support/clock.ts";
import { aModelRequest } from "#test/support/model-requests.ts";
import { startScriptedServer } from "#test/support/scripted-server.ts";

it.each([
  ["more than may be used", "word ".repeat(defaultLimits.answerLength / 4)],
  ["the beginning of a private key", "Here: -----BEGIN PRIVATE KEY-----\nAbCd\n"],
])(
  "the planner is heard word by word after a model that broke off behind %s",
  async (_, content) => {
    const said = { choices: [{ delta: { content } }] };
    const server = await startScriptedServer([{ events: [said, said], cutAfter: 1 }]);
    const model = await openModel(
      {
        kind: "openai",
        apiKey: "sk-Scripted0123456789abcdef",
        baseUrl: server.baseUrl,
        model: "gpt-test",
        api: "chat",
        timeoutSeconds: 5,
      },
      clockAt("2026-11-21T02:58:00Z"),
      silentLogger,
      createRedactor([]),
    );
    const heard: string[] = [];

    const { items } = await model.respond(
      aModelRequest({
        items: [{ type: "user", text: "what can you do?" }],
        onText: (delta) => heard.push(delta),
      }),
    );

    const [answer] = items;
    const text = answer?.type === "assistant" ? answer.text : "";
    expect(text).not.toBe("");
    expect(heard.join("").endsWith(text)).toBe(true);
    expect(heard.join("")).not.toContain("‹secret›");
  },
);
