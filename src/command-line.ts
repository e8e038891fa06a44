import { parseArgs } from "node:util";
import type { ConfigOverrides, LogLevel } from "./config.ts";
import { logLevels } from "./settings.ts";

/** What was asked for on the command line. */
export type CommandLine =
  | { readonly kind: "run"; readonly overrides: ConfigOverrides }
  | { readonly kind: "help"; readonly text: string }
  /** The process should end with exit code 2. */
  | { readonly kind: "wrong"; readonly text: string };

const usage = `Usage: npm start -- [options]

Options:
  --sandbox            use the built-in simulator even where a cluster is configured
  --log-level <level>  ${logLevels.join(", ")}
  -h, --help           show this text

Everything else is set in the environment or in .env; .env.example explains each setting.`;

/** Reads the arguments of `npm start`: what a person changes by hand, from one start to the next. */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        sandbox: { type: "boolean" },
        "log-level": { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help) return { kind: "help", text: usage };
    const logLevel = values["log-level"];
    if (logLevel !== undefined && !isLogLevel(logLevel)) {
      return wrong(`--log-level is "${logLevel}"; expected ${logLevels.join(", ")}.`);
    }
    return { kind: "run", overrides: { sandbox: values.sandbox, logLevel } };
  } catch (error) {
    return wrong((error as Error).message);
  }
}

function wrong(problem: string): CommandLine {
  return { kind: "wrong", text: `${problem}\n\n${usage}` };
}

function isLogLevel(text: string): text is LogLevel {
  return (logLevels as readonly string[]).includes(text);
}
