import { type Config, type ConfigOverrides, loadConfig } from "#src/config.ts";
import type { Environment } from "#src/read-settings.ts";
import { createRedactor, type Redact } from "#src/redaction.ts";

/**
 * The configuration of this process, which from then on prints none of its secrets, and nothing that
 * looks like somebody else's.
 *
 * @throws ConfigError when anything is missing or wrong.
 */
export function configOfProcess(
  env: Environment,
  overrides?: ConfigOverrides,
  output: readonly Pick<NodeJS.WritableStream, "write">[] = [process.stdout, process.stderr],
): Config {
  const config = loadConfig(env, overrides);
  redactOutput(output, createRedactor(config.secrets));
  return config;
}

/** Redacts each text as it is written: a credential that is written in pieces is not seen. */
export function redactOutput(
  streams: readonly Pick<NodeJS.WritableStream, "write">[],
  redact: Redact,
): void {
  for (const stream of streams) {
    const write = stream.write;
    stream.write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
      const shown = typeof chunk === "string" ? redact(chunk) : chunk;
      return Reflect.apply(write, stream, [shown, ...rest]);
    };
  }
}
