import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import { createAuditCommand } from "#src/commands/audit/audit-command.ts";
import { createChatCommand } from "#src/commands/chat/chat-command.ts";
import { createDoctorCommand } from "#src/commands/doctor/doctor-command.ts";
import type { Host } from "#src/commands/host.ts";
import { createPolicyCommand } from "#src/commands/policy/policy-command.ts";
import { type RunnableCommand, runCommandIn } from "#src/commands/run-command.ts";
import { type Ended, expectNoLeaks, type Start, testFolder } from "./program.ts";

const commands = {
  audit: createAuditCommand,
  doctor: createDoctorCommand,
  policy: createPolicyCommand,
  chat: (host: Host): RunnableCommand =>
    createChatCommand(host, () => {
      throw new Error("Only a process of its own has a terminal.");
    }),
};

/**
 * Runs the command of that name on these lines of input in the test's own process, which takes a
 * tenth of what a process of its own does. The folder is where it leaves its files; paths that it
 * is given have to be absolute. Two that write to one database must not run side by side: each
 * would wait for the other without letting it go on.
 */
export async function runHere(
  name: keyof typeof commands,
  lines: readonly string[],
  { args = [], env = {}, folder }: Start = {},
): Promise<Ended> {
  const cwd = folder ?? (await testFolder());
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const printed = Promise.all([text(stdout), text(stderr)]);
  const host: Host = {
    env,
    stdin: Readable.from(lines.map((line) => `${line}\n`)),
    stdout,
    stderr,
    onStop: () => {},
  };
  const exitCode = await runCommandIn(host, commands[name](host), args);
  stdout.end();
  stderr.end();
  const [out, err] = await printed;
  const ended = { exitCode, stdout: out, stderr: err };
  onTestFinished(() => expectNoLeaks(ended, { cwd, env }));
  return ended;
}
