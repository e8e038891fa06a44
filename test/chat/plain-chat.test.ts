import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import type { Agent } from "#src/agent/agent.ts";
import { createBrake } from "#src/brake/brake.ts";
import { createBrakeLever } from "#src/brake/brake-lever.ts";
import { createLocalCalendar } from "#src/calendar/local/local-calendar.ts";
import { runPlainChat } from "#src/chat/plain-chat.ts";
import { silentLogger } from "#src/log.ts";
import { createOutboxStore } from "#src/outbox/outbox-store.ts";
import { createPrincipals } from "#src/policy/principal.ts";
import { defaultRoles } from "#src/policy/roles.ts";
import { countingTool, setUpExecutor } from "#test/support/actions.ts";
import { testDatabase } from "#test/support/database.ts";
import { anEmptySchedule } from "#test/support/deletions.ts";
import { bob } from "#test/support/people.ts";

const { signal } = new AbortController();

/** What is answered to these lines by an agent that repeats them, where a notice is due, and bob was `asked` before. */
async function answersTo(lines: readonly string[], asked: readonly string[] = []) {
  const db = await testDatabase();
  const { tool } = countingTool("stop_guest", "disruptive");
  const { executor, audit, clock, context } = setUpExecutor(db, [tool]);
  for (const conversation of asked) {
    const call = { tool: "stop_guest", input: { guest: "test-runner" } };
    await executor.submit(call, { ...context(bob), conversation });
  }
  const principals = createPrincipals([bob], { role: "nobody", timeZone: "UTC" });
  const deletions = await anEmptySchedule(clock, db);
  const usage = { inputTokens: 0, cachedTokens: 0, outputTokens: 0, estimated: true };
  const result = { calls: [], confirmations: [], model: "m", modelCalls: 1, usage };
  const agent: Agent = {
    async run({ text }) {
      await createOutboxStore(db, clock).add({ key: text, recipient: "channel", message: "News." });
      return { ...result, status: "completed", reply: `You said ${text}` };
    },
    async note() {},
  };
  const log = silentLogger;
  const roles = () => defaultRoles;
  const brake = createBrakeLever({ brake: createBrake({ db, clock, log }), audit, log, roles });
  let written = "";
  const answered = await runPlainChat({
    services: { agent, executor, brake, clock, principals },
    principal: bob,
    input: Readable.from(lines.map((line) => `${line}\n`)),
    write: (text) => {
      written += text;
    },
    signal,
    answer: "leave",
    calendar: createLocalCalendar(db, clock),
    notices: { db, audit, deletions, principals, clock, log: silentLogger, timeZone: "UTC" },
  });
  return { answered, written };
}

describe("the conversation with a pipe", () => {
  it("says notices after the answer in which they came up", async () => {
    const { answered, written } = await answersTo(["one", "two"]);

    expect(answered).toBe(true);
    expect(written).toBe("You said one\n#proxmox  News.\nYou said two\n#proxmox  News.\n");
  });

  it("stops every change without any model", async () => {
    const { answered, written } = await answersTo(["/freeze smoke"]);

    expect(answered).toBe(true);
    expect(written).toContain("Every change is stopped by Bob");
  });

  it("says what is still open, which only a terminal can answer", async () => {
    expect((await answersTo(["/pending"])).written).toBe("No question is open.\n");
    const { answered, written } = await answersTo(["/pending"], ["terminal:bob"]);

    expect(answered).toBe(true);
    expect(written).toBe(
      "Open, and answered at a terminal by /pending:\n- stop_guest test-runner.\n",
    );
    expect((await answersTo(["/pending"], ["slack:T1/C1/1.1"])).written).toContain("No question");
  });

  it("reads the calendar without any model", async () => {
    expect(await answersTo(["/calendar"])).toEqual({
      answered: true,
      written: "The calendar is empty.\n",
    });
  });
});
