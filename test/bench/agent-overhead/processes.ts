import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { Batch, Cost } from "./contender.ts";
import type { ServerMessage, Traffic } from "./server.ts";

/** The scripted server, in a process of its own. */
export interface Server {
  readonly origin: string;
  /** What it was asked below `/name/` since this was called last. */
  trafficOf(name: string): Promise<Traffic>;
  stop(): void;
}

/** One wait; whoever hangs ends the whole bench. */
const timeout = 120_000;

export async function startServer(): Promise<Server> {
  const child = start("server", []);
  const { origin } = (await answerOf(child)) as Extract<ServerMessage, { origin: string }>;
  return {
    origin,
    async trafficOf(name) {
      child.send(name);
      return (await answerOf(child)) as Traffic;
    },
    stop: () => void child.kill(),
  };
}

/** A contender in a process of its own. */
export interface Contender<Name extends string> {
  readonly name: Name;
  /** Runs a batch and says what it cost, and what the server saw of it. */
  run(batch: Batch): Promise<Cost & Traffic>;
  stop(): void;
}

/** Starts the contender in the file of that name; it may write to `folder`. */
export function startContender<Name extends string>(
  name: Name,
  server: Server,
  folder: string,
): Contender<Name> {
  const child = start(name, [`${server.origin}/${name}/v1`, folder]);
  return {
    name,
    async run(batch) {
      child.send(batch);
      const cost = (await answerOf(child)) as Cost;
      return { ...cost, ...(await server.trafficOf(name)) };
    },
    stop: () => void child.kill(),
  };
}

function start(name: string, args: readonly string[]): ChildProcess {
  return fork(new URL(`${name}.ts`, import.meta.url), args);
}

/** The next message of a process that has not ended. */
async function answerOf(child: ChildProcess): Promise<unknown> {
  const answered = new AbortController();
  const signal = AbortSignal.any([answered.signal, AbortSignal.timeout(timeout)]);
  const message = once(child, "message", { signal });
  const end = once(child, "exit", { signal }).then(([code]) => {
    throw new Error(`${child.spawnargs[1]} ended with exit code ${code}.`);
  });
  try {
    const [answer] = await Promise.race([message, end]);
    return answer;
  } finally {
    answered.abort();
  }
}
