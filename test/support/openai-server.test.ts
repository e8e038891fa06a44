import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { type OpenAiServer, type ServerScript, startOpenAiServer } from "./openai-server.ts";

let server: OpenAiServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function ask(script: ServerScript, ...bodies: object[]): Promise<number[]> {
  server = await startOpenAiServer(script);
  const statuses: number[] = [];
  for (const body of bodies) {
    const path = "input" in body ? "responses" : "chat/completions";
    const response = await fetch(`${server.baseUrl}/${path}`, {
      method: "POST",
      body: JSON.stringify(body),
    });
    statuses.push(response.status);
    await response.text();
  }
  return statuses;
}

const user = { role: "user", content: "hello" };
const result = (id: string) => ({ role: "tool", tool_call_id: id, content: "ok" });
const callOf = (id: string, name = "a", args = "{}") => ({
  role: "assistant",
  content: null,
  tool_calls: [{ id, type: "function", function: { name, arguments: args } }],
});

describe("the protocol", () => {
  it.each([
    ["an unanswered call", [user, callOf("1")]],
    ["a call answered twice", [user, callOf("1"), result("1"), result("1")]],
    ["a call answered too late", [user, callOf("1"), user, result("1")]],
    ["a result of no call", [user, result("1")]],
    ["a call without an id", [user, callOf(""), result("")]],
    ["a call without a proper name", [user, callOf("1", "a b"), result("1")]],
    ["a call whose arguments are no object", [user, callOf("1", "a", "[]"), result("1")]],
    ["nothing to answer", [user, { role: "assistant", content: "Hello." }]],
  ])("forbids %s", async (_, messages) => {
    expect(await ask([{ text: "Hello." }], { messages })).toEqual([400]);
    expect(() => server?.assertComplete()).toThrow();
  });

  it("is the same for Responses", async () => {
    const input = [{ type: "function_call_output", call_id: "1", output: "ok" }];

    expect(await ask([{ text: "Hello." }], { input })).toEqual([400]);
  });

  it("forbids tools that change between turns", async () => {
    const tools = [{ type: "function", function: { name: "a" } }];
    const script = () => ({ text: "Hello." });

    const bodies = [{ messages: [user], tools }, { messages: [user], tools }, { messages: [user] }];

    expect(await ask(script, ...bodies)).toEqual([200, 200, 400]);
  });

  it("allows everything else", async () => {
    const messages = [user, callOf("1"), result("1"), callOf("1"), result("1"), user];

    expect(await ask([{ text: "Hello." }], { messages })).toEqual([200]);
    server?.assertComplete();
  });
});

it("notices steps that nobody asked for", async () => {
  await ask([{ text: "Hello." }, { text: "Again." }], { messages: [user] });

  expect(() => server?.assertComplete()).toThrow("2 steps were scripted, 1 were asked for.");
});

it("runs in a process of its own", async () => {
  const directory = await mkdtemp(join(tmpdir(), "openai-server-"));
  const script = join(directory, "script.mjs");
  await writeFile(script, 'export const script = () => ({ text: "Hello." });');
  const file = fileURLToPath(new URL("openai-server.ts", import.meta.url));
  const child = spawn(process.execPath, [file, script], { stdio: ["pipe", "pipe", "inherit"] });
  try {
    const [line] = await once(child.stdout, "data");
    const baseUrl = String(line).trim();
    await fetch(`${baseUrl}/chat/completions`, {
      method: "POST",
      body: JSON.stringify({ messages: [user] }),
    });

    const summary = await (await fetch(baseUrl)).json();
    expect(summary).toMatchObject({ requests: 1, violations: [] });
  } finally {
    child.stdin.end();
    await once(child, "exit");
    await rm(directory, { recursive: true });
  }
});
