import type { Readable } from "node:stream";
import { configOfProcess } from "#src/app/process-config.ts";
import type { Config } from "#src/config.ts";
import type { Environment } from "#src/read-settings.ts";

type Output = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** What a command runs in: its process, or what a test has in its stead. */
export interface Host {
  readonly env: Environment;
  readonly stdin: Readable;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Calls once when whoever started the command wants it to end. */
  onStop(stop: () => void): void;
}

/** The process that a person has started. */
export const thisProcess: Host = {
  env: process.env,
  // A stream that is not read must not be opened.
  get stdin() {
    return process.stdin;
  },
  stdout: process.stdout,
  stderr: process.stderr,
  onStop(stop) {
    process.once("SIGINT", stop).once("SIGTERM", stop).once("SIGHUP", stop);
  },
};

/**
 * The configuration of the host, which from then on prints none of its secrets.
 *
 * @throws ConfigError when anything is missing or wrong.
 */
export function configOf({ stdout, stderr }: Host, env: Environment): Config {
  return configOfProcess(env, undefined, [stdout, stderr]);
}
