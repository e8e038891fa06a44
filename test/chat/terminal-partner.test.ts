import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { defineTool } from "#src/actions/tool.ts";
import type { Agent } from "#src/agent/agent.ts";
import { exchange } from "#src/chat/exchange.ts";
import type { Screen } from "#src/chat/screen.ts";
import { createTerminalPartner } from "#src/chat/terminal-partner.ts";
import type { Confirmer } from "#src/policy/policy.ts";
import { createPrincipals } from "#src/policy/principal.ts";
import { anyInput, aTarget, setUpExecutor } from "#test/support/actions.ts";
import { testDatabase } from "#test/support/database.ts";
import { bob } from "#test/support/people.ts";

const names = ["web-01", "web-02", "test-runner"];

/** The first of the changes is the slowest one. */
const slow = 5;

/** One message that leads to a question for each guest, answered at the prompt in turn. */
async function setUp(tool: "stop_guest" | "schedule_deletion", by: Confirmer = "requester") {
  const done: string[] = [];
  const askable = defineTool({
    name: tool,
    description: tool,
    effect: tool === "stop_guest" ? "disruptive" : "destructive",
    input: anyInput,
    async plan({ guest: index }: Record<string, unknown>) {
      const guest = aTarget({ vmid: 100 + Number(index), name: names[Number(index)] ?? "" });
      const at = tool === "schedule_deletion" && { at: "2026-11-27T17:00:00Z" };
      return { summary: `${tool} ${guest.name}.`, target: { guest, ...at } };
    },
    async apply({ target }) {
      if (target.guest?.name === names[0]) await sleep(slow);
      done.push(target.guest?.name ?? "");
      return { kind: "done", output: "ok" };
    },
  });
  const policy = { evaluate: () => ({ kind: "confirm", by, reasons: [] }) as const };
  const parts = setUpExecutor(await testDatabase(), [askable], policy);
  const signal = new AbortController().signal;

  const agent: Agent = {
    async run({ conversation, principal }) {
      const context = { ...parts.context(principal), conversation };
      const calls = [];
      for (const guest of names.keys()) {
        calls.push(await parts.executor.submit({ tool, input: { guest } }, context));
      }
      const confirmations = calls.flatMap(({ outcome }) =>
        outcome.kind === "awaiting-confirmation" ? [outcome.confirmation] : [],
      );
      const usage = { inputTokens: 0, cachedTokens: 0, outputTokens: 0, estimated: true };
      const reply = "As you wish.";
      return { status: "completed", reply, calls, confirmations, model: "-", modelCalls: 1, usage };
    },
    async note() {},
  };

  /** What is asked when these are the answers. */
  async function says(...answers: readonly (string | undefined)[]) {
    const asked: string[] = [];
    const shown: string[] = [];
    const said: string[] = [];
    const unread: string[] = [];
    const screen = {
      showEvent() {},
      showProgress() {},
      showResult() {},
      say: (text: string) => void said.push(text.trim()),
      showCard: ({ summary }: { summary: string }) => void shown.push(summary),
    } as unknown as Screen;
    const partner = createTerminalPartner({
      screen,
      prompter: {
        ask: async (question) => answers[asked.push(question.trim()) - 1],
        unread: (line) => void unread.push(line),
      },
      principal: bob,
      risks: { read: async () => ({}) },
      signal,
    });
    const services = { ...parts, agent, principals: createPrincipals([bob], bob) };
    const message = { text: "go", conversation: "terminal:bob", principal: bob, signal };
    const { calls } = await exchange(services, message, partner);
    return { asked, shown, said, unread, outcomes: calls.map(({ outcome }) => outcome.kind) };
  }
  return { says, done };
}

describe("several questions at the terminal", () => {
  it("are shown, every one, and take one answer", async () => {
    const { says, done } = await setUp("stop_guest");

    const { asked, shown, outcomes } = await says("y");

    expect(asked).toEqual(["Do all 3 of these? [y/N, o: one by one]"]);
    expect(shown).toEqual(names.map((name) => `stop_guest ${name}.`));
    expect(outcomes).toEqual(["done", "done", "done"]);
    expect(done).toEqual(names);
  });

  it("of deletions take the number of the guests, typed", async () => {
    const { says, done } = await setUp("schedule_deletion");

    const wrong = await says("y", "test-runner", "3");
    expect(wrong.outcomes).toEqual(["denied", "denied", "denied"]);
    expect(wrong.said.filter((each) => each === "That is not 3 guests.")).toHaveLength(2);
    expect((await says("y", "n")).asked).toHaveLength(2);
    expect(done).toEqual([]);
    const { asked, outcomes } = await says("y", "3 guests");

    expect(asked[1]).toContain("3 guests");
    expect(outcomes).toEqual(["done", "done", "done"]);
    const secondTry = await says("y", "3", "3 guests");
    expect(secondTry.outcomes).toEqual(["done", "done", "done"]);
  });

  it("are asked one by one where that is wanted", async () => {
    const { says, done } = await setUp("stop_guest");

    const { asked, outcomes } = await says("o", "n", "y", "n");

    expect(asked.slice(1)).toEqual(["Do it? [y/N]", "Do it? [y/N]", "Do it? [y/N]"]);
    expect(outcomes).toEqual(["denied", "done", "denied"]);
    expect(done).toEqual(["web-02"]);
  });

  it.each([
    ["anything else", "yes please", "denied"],
    ["nothing", undefined, "awaiting-confirmation"],
  ])("do nothing for %s", async (_, answer, outcome) => {
    const { says, done } = await setUp("stop_guest");

    expect((await says(answer)).outcomes).toEqual([outcome, outcome, outcome]);
    expect(done).toEqual([]);
  });

  it.each([
    ["at once", ["/quit"]],
    ["one by one", ["o", "y", "/quit"]],
    ["when a name is to be typed", ["y", "/quit"]],
  ])("are left open by a command, asked %s, and it is done then", async (_, answers) => {
    const { says, done } = await setUp("schedule_deletion");

    const { asked, unread, said, outcomes } = await says(...answers);

    expect(asked).toHaveLength(answers.length);
    expect(unread).toEqual(["/quit"]);
    expect(said).toEqual(["Left open; /pending asks again."]);
    expect(outcomes).toEqual(Array(3).fill("awaiting-confirmation"));
    expect(done).toEqual([]);
  });

  it("that wait for somebody else are asked one by one", async () => {
    const { says } = await setUp("stop_guest", "approver");

    const { asked } = await says("", "", "");

    expect(asked[0]).toBe("Leave it open? [Y/n]");
    expect(asked).toHaveLength(3);
  });
});
