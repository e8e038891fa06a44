import { describe, expect, it } from "vitest";
import { chatJson } from "#test/support/chat-records.ts";
import { startDemoCluster } from "#test/support/demo-cluster.ts";
import type { ServerCall, ServerReply } from "#test/support/openai-replies.ts";
import {
  type RawEvents,
  type RawReply,
  type ServerScript,
  startOpenAiServer,
} from "#test/support/openai-server.ts";
import { startModel } from "#test/support/program-model.ts";

type Api = "chat" | "responses";

const start = { name: "start_guest", args: { guest: "dev-bob" } };
const startDevBob = "POST /nodes/pve2/lxc/106/status/start";
const startTestRunner = "POST /nodes/pve1/lxc/103/status/start";

/** Has the program, with this model and a cluster of its own, answer these lines. */
async function ask(api: Api, lines: readonly string[], script: ServerScript, env = {}) {
  const cluster = await startDemoCluster({ role: "admin" });
  const { server, env: model } = await startModel(script, api);
  const { exitCode, stderr, records } = await chatJson(lines, {
    env: { ...cluster.env, ...model, OPENAI_TIMEOUT_SECONDS: "1", ...env },
    folder: cluster.folder,
  });
  const { violations } = server;
  expect({ exitCode, stderr, violations }).toEqual({ exitCode: 0, stderr: "", violations: [] });
  return { server, records, changes: cluster.changes() };
}

async function askToStart(api: Api, script: ServerScript, env = {}) {
  const { records, ...rest } = await ask(api, ["start dev-bob"], script, env);
  const [record] = records;
  if (!record) throw new Error("There is no answer.");
  return { record, ...rest };
}

describe.each(["chat", "responses"] as const)("over %s", (api) => {
  it("tells the model of calls that cannot be made, which then makes them once", async () => {
    const faulty: readonly (readonly [string, readonly ServerCall[], RegExp])[] = [
      ["103", [{ name: "destroy_guest" }, { name: "constructor" }], /no tool named destroy_guest/],
      ["106", [{ ...start, args: '{"guest":"dev' }], /one JSON object/],
      ["201", [{ ...start, args: "" }], /guest/],
      ["206", [{ ...start, args: { guest: [1] } }], /guest must be/],
      ["210", [{ ...start, args: { guest: 106, force: true } }], /no argument.*force/],
    ];
    const script = faulty.flatMap(([guest, calls]) => {
      return [{ calls }, { calls: [{ ...start, args: { guest } }] }, { text: "It runs." }];
    });

    const lines = faulty.map(([guest]) => `start ${guest}`);
    const { server, records, changes } = await ask(api, lines, script);

    server.assertComplete();
    for (const [index, [guest, , told]] of faulty.entries()) {
      expect(server.requests[index * 3 + 1]?.results[0]).toMatch(told);
      expect(records[index]?.calls.at(-1)?.outcome.kind).toBe("done");
      expect(changes.filter((change) => change.includes(`/${guest}/`))).toHaveLength(1);
    }
    expect(changes).toHaveLength(faulty.length);
  });

  it.each([
    ["one call id for two calls", "call-0"],
    ["no call ids", ""],
  ])("makes every call once although the server sends %s", async (_, id) => {
    const other = { name: "start_guest", args: { guest: "test-runner" } };
    const calls = [start, other].map((call) => ({ ...call, id }));

    const { server, record, changes } = await askToStart(api, [{ calls }, { text: "Both run." }]);

    server.assertComplete();
    expect(record.calls.map(({ outcome }) => outcome.kind)).toEqual(["done", "done"]);
    expect(changes).toEqual([startDevBob, startTestRunner]);
  });

  /** How often it is asked for, and what a person is told of it. */
  const faults: readonly [string, ServerReply | RawReply | RawEvents, number, RegExp][] = [
    ["an error of the server", { status: 500 }, 3, /has a failure on its side/],
    ["a page of a proxy", { status: 200, body: "<html>Welcome</html>" }, 3, /no usable answer/],
    ["an empty answer", emptyAnswer(api), 3, /no usable answer|gave no answer/],
    ["a stream without its end", { text: "It r", finish: null }, 1, /no usable answer/],
    [
      "a stream that is cut",
      { text: "It runs already.", cutAfter: 3 },
      1,
      /cannot be reached|no usable answer/,
    ],
    ["silence", { text: "It runs.", stallAfter: 0 }, 1, /did not answer in time/],
    ["too many requests", tooMany("3600"), 1, /busy/],
    ["a refused key", { status: 401 }, 1, /did not accept the API key/],
  ];

  it.each(faults)("acts once and answers all the same: %s", async (_, fault, tries, said) => {
    const afterwards: ServerScript = ({ results }) => {
      return results.length > 0 ? fault : { calls: [start] };
    };
    const [before, after] = await Promise.all([
      askToStart(api, () => fault),
      askToStart(api, afterwards),
    ]);

    for (const { record, changes } of [before, after]) {
      expect(record.reply).toMatch(said);
      expect(record.reply).toContain("dev-bob");
      expect(record.calls).toMatchObject([{ outcome: { kind: "done" } }]);
      expect(changes).toEqual([startDevBob]);
    }
    // The planner that steps in takes two turns, and the model is tried again at the second.
    expect(before.server.requests.length).toBeLessThanOrEqual(2 * tries);
    expect(after.server.requests.length).toBeLessThanOrEqual(1 + tries);
  });

  it("waits as long as a busy server asks for", async () => {
    const script = [tooMany("1"), { calls: [start] }, { text: "It runs." }];

    const { server, record, changes } = await askToStart(api, script);

    server.assertComplete();
    expect(record).toMatchObject({ reply: "It runs.", modelCalls: 3 });
    expect(record.ms).toBeGreaterThan(1000);
    expect(changes).toEqual([startDevBob]);
  });

  it("says that an answer was cut, and makes no call that was", async () => {
    const finish = api === "chat" ? "length" : "max_output_tokens";
    const [text, call] = await Promise.all([
      askToStart(api, [{ text: "The guests are", finish }]),
      askToStart(api, [{ calls: [start], finish }]),
    ]);

    expect(text.record.reply).toMatch(/^The guests are\n\n\(The answer was cut/);
    expect(call.record.reply).toContain("nothing of that step was carried out");
    expect(call.changes).toEqual([]);
  });

  it("comes to an end with a model that never does", async () => {
    const { server, record, changes } = await askToStart(api, () => ({ calls: [start] }));

    expect(server.requests.length).toBeLessThanOrEqual(8);
    expect(record.reply).toContain("dev-bob");
    expect(changes).toEqual([startDevBob]);
  });
});

describe("no server at all", () => {
  it("leaves the planner to answer, which says so", async () => {
    const gone = await startOpenAiServer([]);
    await gone.close();
    const env = { OPENAI_BASE_URL: gone.baseUrl };

    const { record, changes } = await askToStart("chat", [], env);

    expect(record.model).toBe("offline-planner");
    expect(record.reply).toContain(
      "cannot be reached; the simple offline planner answered instead",
    );
    expect(changes).toEqual([startDevBob]);
  });
});

function emptyAnswer(api: Api): RawEvents {
  if (api === "chat") return { events: [{ choices: [] }, "[DONE]"] };
  const response = { status: "completed", output: [] };
  return { events: [{ type: "response.completed", response }] };
}

function tooMany(seconds: string): RawReply {
  return { status: 429, headers: { "retry-after": seconds } };
}
