import { spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A process of the real program. */
export interface Replica {
  /** Resolves once it works; rejects with what it said when it ends before. */
  readonly ready: Promise<void>;
  /** kill -9, and waits until it is dead. */
  kill(): Promise<void>;
}

const program = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

/** Starts what `npm start` runs. */
export function startReplica(env: Readonly<Record<string, string>>, folder: string): Replica {
  const { PATH = "" } = process.env;
  const child = spawn(process.execPath, [program], {
    cwd: folder,
    env: { PATH, NODE_COMPILE_CACHE: join(tmpdir(), "node-compile-cache"), ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  // Whoever started it may be ended as well, by an impatient test runner.
  const killNow = () => void child.kill("SIGKILL");
  process.once("exit", killNow);
  const ended = once(child, "close").finally(() => process.off("exit", killNow));
  const ready = Promise.withResolvers<void>();
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-20_000);
    if (said.includes("listening in slack")) ready.resolve();
  });
  void ended.then(([code]) => ready.reject(new Error(`It ended (${code}): ${said}`)));
  // Killed before it was ready is no failure, unless somebody waits for it.
  ready.promise.catch(() => {});
  return {
    ready: ready.promise,
    async kill() {
      killNow();
      await ended;
    },
  };
}
