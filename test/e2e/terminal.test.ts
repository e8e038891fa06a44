import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { chatJson } from "#test/support/chat-records.ts";
import { runHere } from "#test/support/command-here.ts";
import {
  hasTerminals,
  type RunningProgram,
  type Start,
  startInTerminal,
  testFolder,
} from "#test/support/program.ts";
import { startModel } from "#test/support/program-model.ts";

const controlC = "\u0003";
const controlD = "\u0004";
const clearLine = "\r\u001b[2K";

/** Asks for a deletion of test-runner, and confirms it. */
async function schedule(terminal: RunningProgram, words: string) {
  terminal.write(`${words}\r`);
  await terminal.shows("[y/N] ");
  terminal.write("y\r");
  await terminal.shows("To confirm, type test-runner");
  terminal.write("test-runner\r");
  await terminal.shows("Confirmed");
}

describe.skipIf(!hasTerminals)("a person at a terminal", () => {
  it("is shown progress, asked before a deletion, and may be another in the sandbox", async () => {
    const terminal = await startInTerminal("main");
    await terminal.shows("sandbox");
    await terminal.shows("alice > ");

    terminal.write("/help\r");
    await terminal.shows("/pending");
    await terminal.shows("alice > ");

    terminal.write("shut down web-02\r");
    await terminal.shows("…");
    await terminal.shows(clearLine);
    await terminal.shows("Done: Shut down web-02");
    await terminal.shows("alice > ");

    terminal.write("/as bob\r");
    await terminal.shows("You are Bob now (operator).");
    await terminal.shows("bob > ");

    terminal.write("delete test-runner tomorrow at 6pm\r");
    await terminal.shows("Asked by Bob");
    await terminal.shows("[y/N] ");
    terminal.write("y\r");
    await terminal.shows("To confirm, type test-runner");
    terminal.write("web-02\r");
    await terminal.shows("That is not test-runner.");
    await terminal.shows("Once more, type test-runner:");
    terminal.write("n\r");
    await terminal.shows("Declined by Bob");
    await terminal.shows("bob > ");

    terminal.write("delete test-runner tomorrow at 6pm\r");
    await terminal.shows("[y/N] ");
    terminal.write("y\r");
    await terminal.shows("To confirm, type test-runner");
    terminal.write("test-runner\r");
    await terminal.shows("Confirmed and scheduled: Delete test-runner");
    await terminal.shows("bob > ");

    terminal.write(controlD);
    expect(await terminal.ended).toMatchObject({ exitCode: 0 });
  });

  it("reads the answer while it comes in", async () => {
    const { env } = await startModel(() => ({ text: "First words, then silence.", stallAfter: 3 }));
    const terminal = await startInTerminal("main", { env });
    await terminal.shows("alice > ");

    terminal.write("tell me\r");
    await terminal.shows("First wo");

    terminal.write(controlC);
    await terminal.shows("topped");
    await terminal.shows("alice > ");
    terminal.write("/quit\r");
    expect(await terminal.ended).toMatchObject({ exitCode: 0 });
  });

  it.each([
    ["Do all 2 of these? [y/N", ""],
    ["Do it? [y/N] ", "o\r"],
    ["To confirm, type", "y\r"],
  ])("leaves questions open with Ctrl-C at: %s", async (question, typed) => {
    const terminal = await startInTerminal("main");
    await terminal.shows("alice > ");
    terminal.write("delete test-runner and dev-bob tomorrow\r");
    await terminal.shows("Do all 2 of these? [y/N");
    terminal.write(typed);
    if (typed) await terminal.shows(question);

    terminal.write(controlC);

    await terminal.shows("Left open; /pending asks again.");
    await terminal.shows("alice > ");
    terminal.write("/pending\r");
    await terminal.shows("Delete test-runner");
    await terminal.shows("[y/N] ");
    terminal.write("n\r");
    await terminal.shows("Declined by Alice");
    await terminal.shows("Delete dev-bob");
  });

  it("edits the calendar by hand, and is told what follows from it", async () => {
    const folder = await testFolder();
    const terminal = await startInTerminal("main", { folder });
    await terminal.shows("alice > ");
    await schedule(terminal, "delete test-runner on friday at 18:00");
    await terminal.shows("#proxmox");
    await terminal.shows("is scheduled for deletion");
    await terminal.shows("alice > ");

    const feed = () => readFile(join(folder, "data/sandbox.ics"), "utf8");
    const event = "Delete test-runner (CT 103 on pve1)";
    await expect.poll(feed, { timeout: 10_000 }).toContain(`SUMMARY:${event}`);

    terminal.write("/calendar\r");
    await terminal.shows(event);
    await terminal.shows("alice > ");

    terminal.write("/calendar move 1 by a week\r");
    await terminal.shows("Moved in the calendar to Fri");
    await terminal.shows("was moved in the calendar to Fri");
    await terminal.shows('"cancel the deletion of 103"');
    await terminal.shows("to you");
    await terminal.shows("The same.");
    terminal.write("/calendar remove 1\r");
    await terminal.shows("Removed from the calendar");
    await terminal.shows("is cancelled: its event was removed from the calendar");
    terminal.write("what is scheduled?\r");
    await terminal.shows("No deletion is scheduled.");
  });

  it("sees a guest deleted while the program runs, and what is left of it", async () => {
    const terminal = await startInTerminal("main");
    await terminal.shows("alice > ");

    await schedule(terminal, "delete test-runner now");

    await terminal.shows("will be deleted for good");
    await terminal.shows("test-runner (CT 103 on pve1) was deleted");
    await terminal.shows("brings it back");
    terminal.write("what can I still restore?\r");
    await terminal.shows("test-runner (CT 103), deleted");
  });

  it("leaves with Ctrl-C", async () => {
    const terminal = await startInTerminal("main");
    await terminal.shows("alice > ");

    terminal.write(controlC);

    expect(await terminal.ended).toMatchObject({ exitCode: 0 });
  });

  it("has the end of what was under way written down when the window is closed", async () => {
    const folder = await testFolder();
    const start = { folder, env: { DATABASE_PATH: join(folder, "agent.db") } };
    const terminal = await startInTerminal("main", start);
    await terminal.shows("alice > ");
    terminal.write("reboot web-01\r");
    await terminal.shows("…");

    terminal.kill("SIGKILL");

    const audited = async () => (await runHere("audit", [], start)).stdout;
    const end = /reboot_guest web-01 \(VMID 101\): (failed|succeeded)/;
    await expect.poll(audited, { interval: 100 }).toMatch(end);
  });
});

describe.skipIf(!hasTerminals)("a question that was left open", () => {
  const tuesday = ["--now", "2026-11-24T12:00:00+01:00"];
  const soon = ["--now", "2026-11-24T12:04:00+01:00"];
  const late = ["--now", "2026-11-24T12:05:30+01:00"];

  const deletion = "delete test-runner on friday at 18:00";

  /** Asks for a deletion at a terminal that is left before it is answered. */
  async function leaveTerminal(start: Start) {
    const terminal = await startInTerminal("chat", start);
    await terminal.shows("alice > ");
    terminal.write(`${deletion}\r`);
    await terminal.shows("[y/N] ");
    terminal.write(controlD);
    await terminal.ended;
  }

  /** Asks for a deletion in a conversation that ends before it is answered. */
  async function leaveOpen(
    leave = (start: Start): Promise<unknown> => chatJson([deletion], start),
  ) {
    const folder = await testFolder();
    const start = { folder, env: { DATABASE_PATH: join(folder, "agent.db") } };
    await leave({ ...start, args: tuesday });

    return async (args: readonly string[]) => {
      const next = await startInTerminal("chat", { ...start, args });
      await next.shows(" > ");
      return next;
    };
  }

  it("is answered in the next process, once", async () => {
    const open = await leaveOpen(leaveTerminal);
    const terminal = await open(soon);

    terminal.write("/pending\r");
    await terminal.shows("open until 12:05:0");
    await terminal.shows("[y/N] ");
    terminal.write("y\r");
    await terminal.shows("To confirm, type");
    terminal.write("test-runner\r");
    await terminal.shows("Confirmed and scheduled");

    terminal.write("/pending\r");
    await terminal.shows("No question is open.");
    terminal.write("what is scheduled?\r");
    await terminal.shows("test-runner");
  });

  it("is carried out once, although two processes have it open", async () => {
    const open = await leaveOpen();
    const [first, second] = await Promise.all([open(soon), open(soon)]);
    for (const terminal of [first, second]) {
      terminal.write("/pending\r");
      await terminal.shows("[y/N] ");
      terminal.write("y\r");
      await terminal.shows("To confirm, type");
    }

    first.write("test-runner\r");
    await first.shows("Confirmed and scheduled");
    second.write("test-runner\r");
    await second.shows("already confirmed by");
  });

  it("expires after five minutes", async () => {
    const open = await leaveOpen();
    const terminal = await open(late);

    terminal.write("/pending\r");
    await terminal.shows("No question is open.");
  });

  it("is not another's to answer", async () => {
    const open = await leaveOpen();
    const terminal = await open([...soon, "--user", "bob"]);

    terminal.write("/pending\r");
    await terminal.shows("No question is open.");
  });
});
