import { Command, InvalidArgumentError, Option } from "commander";
import { Temporal } from "temporal-polyfill";
import type { Overrides } from "#src/app/app.ts";
import { clockStartingAt, isTimeZone } from "#src/clock.ts";
import { configOf, type Host } from "#src/commands/host.ts";
import type { RunnableCommand } from "#src/commands/run-command.ts";
import type { Config } from "#src/config.ts";
import { answerLines, type JsonChatOptions } from "./answer-lines.ts";

interface Options extends JsonChatOptions {
  readonly json?: true;
}

/** A conversation with whoever sits there; resolves to whether every line got an answer. */
type Converse = (
  config: Config,
  overrides: Overrides & { readonly user?: string | undefined },
) => Promise<boolean>;

/** Talks to the agent: line by line in JSON, or else by `converse`. */
export function createChatCommand(host: Host, converse: Converse): RunnableCommand {
  const command = wordsOfChat();

  async function main(): Promise<number> {
    const options = command.opts<Options>();
    const kept = options.each ? undefined : host.env.DATABASE_PATH;
    const config = configOf(host, { ...host.env, DATABASE_PATH: kept || ":memory:" });
    refuseOutsideSandbox(config, options);
    const { user, timezone: timeZone, seed: seedFile } = options;
    if (options.json) return (await answerLines(config, options, host)) ? 0 : 1;
    const clock = options.now && clockStartingAt(options.now);
    return (await converse(config, { user, timeZone, seedFile, clock })) ? 0 : 1;
  }

  /** Nobody speaks for another, or at another time, to a real cluster. */
  function refuseOutsideSandbox({ proxmox }: Config, options: Options): void {
    if (proxmox.kind === "sandbox") return;
    const sandboxOnly = ["user", "now", "seed", "approve", "each"] as const;
    const given = sandboxOnly.find((name) => options[name] !== undefined);
    if (given) command.error(`--${given} exists in the sandbox only.`, { exitCode: 2 });
  }

  return { command, main };
}

function wordsOfChat(): Command {
  return new Command("chat")
    .description("Talks to the agent. Nothing is kept unless DATABASE_PATH is set.")
    .option("--json", "answer each line of input with one JSON object")
    .option(
      "--each",
      "with --json: every line is a conversation of its own, in a fresh world (sandbox only)",
    )
    .option("--user <id>", "who speaks (sandbox only; default: alice)")
    .option(
      "--now <instant>",
      "the time it starts at, ISO 8601 with offset (sandbox only)",
      toInstant,
    )
    .option("--timezone <zone>", "the time zone of whoever speaks", toTimeZone)
    .option("--seed <file>", "the cluster to simulate, as in data/demo/cluster.json (sandbox only)")
    .addOption(
      new Option("--approve", "answer every confirmation with yes (sandbox only)").conflicts(
        "deny",
      ),
    )
    .option("--deny", "answer every confirmation with no");
}

function toInstant(text: string): Temporal.Instant {
  try {
    return Temporal.Instant.from(text);
  } catch {
    throw new InvalidArgumentError("Expected an instant such as 2026-11-21T10:00:00+01:00.");
  }
}

function toTimeZone(text: string): string {
  if (isTimeZone(text)) return text;
  throw new InvalidArgumentError("Expected an IANA time zone such as Europe/Berlin.");
}
