import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished } from "vitest";
import { filesLeftIn, leaksIn, secretsIn } from "./canaries.ts";

/** What `npm start` runs, or the command of that name. */
type Entry = "main" | "chat" | "audit" | "demo" | "doctor" | "policy";

export interface Start {
  readonly args?: readonly string[];
  /** On top of a bare environment: the test's own says nothing to the program. */
  readonly env?: Readonly<Record<string, string>>;
  /** Its working directory; a new one when omitted, so that nothing of the project is touched. */
  readonly folder?: string;
}

export interface Ended {
  /** Null after a signal. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that runs; it is killed with the test at the latest. */
export interface RunningProgram {
  readonly ended: Promise<Ended>;
  /** Everything on stdout so far. */
  shown(): string;
  /** Waits until stdout holds this after what was already waited for. */
  shows(text: string): Promise<void>;
  write(text: string): void;
  /** No more input. */
  end(): void;
  /** Closes the other end of its stdout. */
  stopReading(): void;
  kill(signal: NodeJS.Signals): void;
}

const bareEnv = {
  PATH: process.env.PATH ?? "",
  TERM: "xterm",
  // Starts take half the time with it.
  NODE_COMPILE_CACHE: join(tmpdir(), "node-compile-cache"),
};
/** The longest that a test waits for something to be shown, in milliseconds. */
const patience = 30_000;

/** A folder of this test's own, gone when the test is. */
export async function testFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "proxmox-agent-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs the real program on these lines of input, to its end. */
export async function runProgram(
  entry: Entry,
  lines: readonly string[],
  start: Start = {},
): Promise<Ended> {
  const program = await startProgram(entry, start);
  program.write(lines.map((line) => `${line}\n`).join(""));
  program.end();
  return program.ended;
}

/** Starts the real program with a pipe as its standard input. */
export async function startProgram(entry: Entry, start: Start = {}): Promise<RunningProgram> {
  const where = await place(start);
  return follow(spawn(process.execPath, [fileOf(entry), ...(start.args ?? [])], where), where);
}

/** Whether {@link startInTerminal} can be used: it takes the `script` of util-linux. */
export const hasTerminals = process.platform === "linux";

/** Starts the real program with a terminal of its own, at which the test types. */
export async function startInTerminal(entry: Entry, start: Start = {}): Promise<RunningProgram> {
  const words = [process.execPath, fileOf(entry), ...(start.args ?? [])];
  const command = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  const where = await place(start);
  return follow(spawn("script", ["-qefc", command, "/dev/null"], where), where);
}

function fileOf(entry: Entry): string {
  const file = entry === "main" ? "main.ts" : `commands/${entry}.ts`;
  return fileURLToPath(new URL(`../../src/${file}`, import.meta.url));
}

export interface Place {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

async function place({ env, folder }: Start): Promise<Place> {
  return { cwd: folder ?? (await testFolder()), env: { ...bareEnv, ...env } };
}

function follow(child: ChildProcessWithoutNullStreams, { cwd, env }: Place): RunningProgram {
  let stdout = "";
  let stderr = "";
  let read = 0;
  child.stdout.setEncoding("utf8").on("data", (text) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    stderr += text;
  });
  // A program that has left does not read what is still typed.
  child.stdin.on("error", () => {});
  const ended = once(child, "close").then(([exitCode]) => ({ exitCode, stdout, stderr }));
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await expectNoLeaks(await ended, { cwd, env });
  });

  async function shows(text: string): Promise<void> {
    for (const deadline = Date.now() + patience; ; ) {
      const at = stdout.indexOf(text, read);
      if (at >= 0) {
        read = at + text.length;
        return;
      }
      const over = child.exitCode !== null || Date.now() > deadline;
      if (over) throw new Error(`"${text}" was not shown after: ${stdout.slice(read)}\n${stderr}`);
      await pause(20);
    }
  }

  return {
    ended,
    shown: () => stdout,
    shows,
    write: (text) => void child.stdin.write(text),
    end: () => void child.stdin.end(),
    stopReading: () => void child.stdout.destroy(),
    kill: (signal) => void child.kill(signal),
  };
}

/** Whatever a test is about: nobody may find a credential in what a program left behind. */
export async function expectNoLeaks({ stdout, stderr }: Ended, { cwd, env }: Place): Promise<void> {
  const left = { stdout, stderr, ...(await filesLeftIn(cwd)) };
  expect(leaksIn(left, secretsIn(env))).toEqual([]);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
