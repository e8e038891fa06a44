import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** What is started, and in which environment. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** What one start came to. */
export interface Start {
  /** Milliseconds from the spawn to the first answer on standard output. */
  readonly ms: number;
  /** MB once the answer was given and nothing more was asked; absent where /proc is. */
  readonly idleRssMb?: number | undefined;
}

const request = "list containers\n";
/** A line of the answer: the demo cluster's first guest. */
const answer = /\b101\b.*web-01/;
const settleMs = 500;
const timeout = 60_000;

/** Starts the program, asks for the containers, and waits for the answer and for its end. */
export async function askFirst({ command, args, env }: Program): Promise<Start> {
  const startedAt = performance.now();
  const child = spawn(command, args, { env, stdio: ["pipe", "pipe", "inherit"], timeout });
  const ended = once(child, "exit");
  child.stdin.write(request);
  await answered(child);
  const ms = performance.now() - startedAt;
  await sleep(settleMs);
  const idleRssMb = await residentMb(child.pid);
  child.stdin.end();
  const [code] = await ended;
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with exit code ${code}.`);
  return { ms, idleRssMb };
}

/** Starts the program and waits for its end. */
export async function runOnce({ command, args, env }: Program): Promise<number> {
  const startedAt = performance.now();
  const child = spawn(command, args, { env, stdio: ["ignore", "ignore", "inherit"], timeout });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with exit code ${code}.`);
  return performance.now() - startedAt;
}

async function answered({ stdout }: ChildProcess): Promise<void> {
  let said = "";
  for await (const text of stdout?.iterator({ destroyOnReturn: false }) ?? []) {
    said += text;
    if (answer.test(said)) {
      stdout?.resume();
      return;
    }
  }
  throw new Error(`There was no answer, only: ${said}`);
}

async function residentMb(pid: number | undefined): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
}
