import { PassThrough } from "node:stream";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Agent, RunRequest } from "#src/agent/agent.ts";
import { createBrake } from "#src/brake/brake.ts";
import { createBrakeLever } from "#src/brake/brake-lever.ts";
import { createLocalCalendar } from "#src/calendar/local/local-calendar.ts";
import { runTerminalChat } from "#src/chat/terminal-chat.ts";
import { silentLogger } from "#src/log.ts";
import { createOutboxStore, type Notice } from "#src/outbox/outbox-store.ts";
import type { Confirmer } from "#src/policy/policy.ts";
import { createPrincipals } from "#src/policy/principal.ts";
import { defaultRoles } from "#src/policy/roles.ts";
import type { GuestRisk } from "#src/proxmox/guest-risk.ts";
import { countingTool, setUpExecutor } from "#test/support/actions.ts";
import { testDatabase } from "#test/support/database.ts";
import { anEmptySchedule } from "#test/support/deletions.ts";
import { alice, bob } from "#test/support/people.ts";

/** An agent that submits one call for whatever is said. */
function agentThatCalls(parts: ReturnType<typeof setUpExecutor>, tool: string): Agent {
  return {
    async run({ conversation, principal, signal }: RunRequest) {
      const context = { ...parts.context(principal), conversation, signal };
      const report = await parts.executor.submit(
        { tool, input: { guest: "test-runner" } },
        context,
      );
      return {
        status: "completed",
        reply: "As you wish.",
        calls: [report],
        confirmations: [],
        model: "scripted",
        modelCalls: 1,
        usage: { inputTokens: 0, cachedTokens: 0, outputTokens: 0, estimated: true },
      };
    },
    async note() {},
  };
}

interface Situation {
  readonly mayImpersonate?: boolean;
  readonly hasCalendar?: boolean;
  /** What people are to be told. */
  readonly told?: readonly Notice[];
  /** What is known of the guest; nothing where absent. */
  readonly risk?: GuestRisk;
  /** Who has to confirm, alice being the approver; as the default policy says it where absent. */
  readonly by?: Confirmer;
}

async function setUp(
  name: string,
  effect: "disruptive" | "destructive",
  { mayImpersonate = true, hasCalendar = true, told = [], risk = {}, by }: Situation = {},
) {
  const { tool, state } = countingTool(name, effect);
  const db = await testDatabase();
  const reasons = ["It is in prod."];
  const policy = by && { evaluate: () => ({ kind: "confirm", by, reasons }) as const };
  const parts = setUpExecutor(db, [tool], policy, undefined, ({ id }) => id === alice.id);
  const { audit, clock } = parts;
  const principals = createPrincipals([alice, bob], { role: "nobody", timeZone: "UTC" });
  for (const notice of told) await createOutboxStore(db, clock).add(notice);
  const calendar = createLocalCalendar(db, clock);
  const deletions = await anEmptySchedule(clock, db);
  const log = silentLogger;
  const roles = () => defaultRoles;
  const brake = createBrakeLever({ brake: createBrake({ db, clock, log }), audit, log, roles });
  const input = new PassThrough();
  const output = new PassThrough();
  const stopping = new AbortController();
  let shown = "";
  let read = 0;
  output.on("data", (chunk) => {
    shown += chunk;
  });
  onTestFinished(() => void input.end());

  const ended = runTerminalChat({
    services: { ...parts, agent: agentThatCalls(parts, name), brake, principals },
    risks: { read: async () => risk },
    principals,
    principal: bob,
    mayImpersonate,
    calendar: hasCalendar ? calendar : undefined,
    notices: { db, audit, deletions, principals, clock, log: silentLogger, timeZone: "UTC" },
    input,
    output,
    signal: stopping.signal,
  });

  /** Waits until the terminal shows this after what was already waited for. */
  async function shows(text: string) {
    await expect.poll(() => shown.indexOf(text, read)).toBeGreaterThan(-1);
    read = shown.indexOf(text, read) + text.length;
  }
  const types = (line: string) => input.write(`${line}\n`);
  return { ...parts, brake, state, calendar, shows, types, ended, all: () => shown };
}

describe("the conversation at the terminal", () => {
  it("shows and changes the calendar", async () => {
    const { shows, types, calendar, clock } = await setUp("stop_guest", "disruptive");
    const time = { startsAt: clock.now().add({ hours: 1 }), timeZone: "UTC" };
    const event = { id: "a", title: "Delete test-runner", description: "", marks: {}, ...time };
    await calendar.insert(event, new AbortController().signal);

    types("/help");
    await shows("/calendar");
    await shows("/freeze");
    types("/calendar");
    await shows(
      "1. Tue 24 Nov 2026, 08:00 EST (America/New_York), in 60 minutes: Delete test-runner",
    );
    types("/calendar remove 1");
    await shows("Removed from the calendar: Delete test-runner");

    expect(await calendar.list()).toEqual([]);
  });

  it("stops every change and lets changes go on, for those whose role lets them", async () => {
    const { brake, shows, types } = await setUp("stop_guest", "disruptive");

    types("/freeze Smoke in the rack");
    await shows("Every change is stopped by Bob");
    expect(await brake.state()).toMatchObject({ by: "Bob", reason: "Smoke in the rack" });
    types("/unfreeze");
    await shows("The role admin may.");
    types("/as alice");
    types("/unfreeze");
    await shows("changes go on");

    expect(await brake.state()).toBeUndefined();
  });

  it("leaves alone a calendar that people reach elsewhere", async () => {
    const { shows, types, all } = await setUp("stop_guest", "disruptive", { hasCalendar: false });

    types("/help");
    await shows("/pending");
    types("/calendar");
    await shows("There is no command /calendar");

    expect(all().replace("There is no command /calendar", "")).not.toContain("/calendar");
  });

  it("says notices between the lines, and whom they are for", async () => {
    const told = ["channel", "user:bob", "user:alice"].map((recipient) => {
      const message = `Hear, \u001b[2J${recipient}.\nbob > and more`;
      return { key: recipient, recipient, message };
    });
    told.push({ key: "again", recipient: "user:bob", message: told.at(-1)?.message ?? "" });

    const { shows } = await setUp("stop_guest", "disruptive", { told });

    await shows("#proxmox  Hear, [2Jchannel.\n  bob > and more\n");
    await shows("to you  Hear, [2Juser:bob.");
    await shows("to Alice  Hear, [2Juser:alice.");
    await shows("to you  The same.");
    await shows("bob > ");
  });

  it("asks before it acts, and acts on y", async () => {
    const { shows, types, state } = await setUp("stop_guest", "disruptive");

    types("cut the power of test-runner");
    await shows("stop_guest test-runner.");
    await shows("container 103 on pve1, owner bob, tags ci, test");
    await shows("[y/N]");
    expect(state.acts).toBe(0);

    types("y");
    await shows("Confirmed and done");
    expect(state.acts).toBe(1);
  });

  it.each(["", "n", "yes please", "Y!"])("takes %j for a no", async (answer) => {
    const { shows, types, state } = await setUp("stop_guest", "disruptive");

    types("cut the power of test-runner");
    await shows("[y/N]");
    types(answer);

    await shows("Declined by Bob");
    expect(state.acts).toBe(0);
  });

  it("wants a doomed guest's name typed", async () => {
    const { shows, types, state } = await setUp("schedule_deletion", "destructive");

    types("delete test-runner");
    await shows("[y/N]");
    types("y");
    await shows("To confirm, type test-runner");
    types("test-runer");
    await shows("That is not test-runner.");
    await shows("Once more, type test-runner:");
    types("test-runer");
    await shows("Declined by Bob");
    expect(state.acts).toBe(0);

    types("delete test-runner");
    await shows("[y/N]");
    types("y");
    await shows("To confirm, type");
    types("test-runner");
    await shows("Confirmed and scheduled");
    expect(state.acts).toBe(1);
  });

  it("says what would be lost, what is not known, and what cannot be undone", async () => {
    const risk: GuestRisk = {
      status: "stopped",
      disks: [{ key: "rootfs", volume: "local-lvm:vm-103-disk-0", size: "8G" }],
      snapshots: ["a\u001b[31mb"],
      lastBackup: { at: Date.parse("2026-11-20T18:00:00Z"), verified: true },
      backupJobs: ["backup-1"],
    };
    const { shows, types } = await setUp("schedule_deletion", "destructive", { risk });

    types("delete test-runner");

    await shows("Lost for good: rootfs 8G on local-lvm (vm-103-disk-0), and the snapshot a [31mb.");
    await shows("Last backup: 2026-11-20 13:00, 3 days old, verified.");
    await shows("In use: no, it is stopped.");
    await shows("Also: it leaves the backup jobs backup-1.");
    await shows("Not known: HA, replication, linked clones, running tasks.");
    await shows("Cannot be undone: only the backup that is made before");
    await shows("[y/N]");
  });

  it("takes no line that was typed before the question for its answer", async () => {
    const { shows, types, state } = await setUp("stop_guest", "disruptive");

    types("cut the power of test-runner\ny");
    await shows("[y/N]");
    types("n");
    await shows("Declined by Bob");

    expect(state.acts).toBe(0);
  });

  it("asks again on /pending what was left open", async () => {
    const { shows, types, state, executor, context } = await setUp("stop_guest", "disruptive");
    const call = { tool: "stop_guest", input: { guest: "test-runner" } };
    await executor.submit(call, { ...context(bob), conversation: "terminal:bob" });

    types("/pending");
    await shows("[y/N]");
    types("y");
    await shows("Confirmed and done");
    types("/pending");
    await shows("No question is open");

    expect(state.acts).toBe(1);
  });

  it("changes who speaks in the sandbox, and keeps their questions apart", async () => {
    const { shows, types, state, executor, context } = await setUp("stop_guest", "disruptive");
    const call = { tool: "stop_guest", input: { guest: "test-runner" } };
    await executor.submit(call, { ...context(bob), conversation: "terminal:bob" });

    types("/as mallory");
    await shows("There is no user mallory; there are alice, bob.");
    types("/as alice");
    await shows("You are Alice now (admin).");
    types("/pending");
    await shows("No question is open");
    expect(state.acts).toBe(0);
  });

  it("lets two people be tried by one: the second one answers by /as and /pending", async () => {
    const { shows, types, state } = await setUp("stop_guest", "disruptive", { by: "two-persons" });

    types("stop it");
    await shows("Why it is asked: It is in prod.");
    await shows("Two people have to approve it: Bob, who asked for this, and an approver.");
    await shows("Do it? [y/N]");
    types("y");
    await shows("Approved by Bob; waits for an approver.");
    expect(state.acts).toBe(0);

    types("/as alice");
    types("/pending");
    await shows("Do you approve it? [y/n]");
    types("");
    await shows("Left open");
    types("/pending");
    await shows("Do you approve it? [y/n]");
    types("y");
    await shows("Confirmed and done");
    expect(state.acts).toBe(1);
  });

  it("does not ask who asked to approve what others have to, but lets it be withdrawn", async () => {
    const { shows, types, state, confirmations } = await setUp("stop_guest", "disruptive", {
      by: "approver",
    });

    types("stop it");
    await shows("An approver other than Bob has to approve it.");
    await shows("Leave it open? [Y/n]");
    types("");
    await shows("Left open");
    expect(await confirmations.pending()).toHaveLength(1);
    types("/pending");
    await shows("Leave it open? [Y/n]");
    types("n");
    await shows("Declined by Bob");
    expect(await confirmations.pending()).toEqual([]);
    expect(state.acts).toBe(0);
  });

  it("lets nobody change who speaks on a real cluster", async () => {
    const { shows, types } = await setUp("stop_guest", "disruptive", { mayImpersonate: false });

    types("/as alice");

    await shows("There is no command /as");
  });

  it.each(["/quit", "/help"])("takes %s at a question for no answer to it", async (command) => {
    const { shows, types, ended, confirmations, state } = await setUp("stop_guest", "disruptive");

    types("cut the power of test-runner");
    await shows("[y/N]");
    types(command);
    await shows("Left open; /pending asks again.");
    if (command === "/quit") await ended;
    else await shows("Commands: /pending");

    expect(await confirmations.pending()).toHaveLength(1);
    expect(state.acts).toBe(0);
  });

  it("ends on /quit", async () => {
    const { types, ended } = await setUp("stop_guest", "disruptive");

    types("/quit");

    await ended;
  });

  it("shows no escape sequence that a guest's name holds", async () => {
    const { shows, types, state, all } = await setUp("stop_guest", "disruptive");
    state.guest = { ...state.guest, name: "evil\u001b[2J\u202eeman" };

    types("cut its power");
    await shows("[y/N]");

    expect(all()).not.toContain("\u001b[2J");
    expect(all()).not.toContain("\u202e");
  });
});
