import { Command, InvalidArgumentError, Option } from "commander";
import { Temporal } from "temporal-polyfill";
import { type App, createApp, type Overrides } from "#src/app/app.ts";
import { configOfProcess } from "#src/app/process-config.ts";
import { openTerminalLog, runTerminal, terminalPrincipal } from "#src/app/terminal.ts";
import { runSchedule } from "#src/app/terminal-schedule.ts";
import { type Answer, exchange, terminalConversation } from "#src/chat/exchange.ts";
import { toJsonRecord, toNoticeRecord } from "#src/chat/json-record.ts";
import { linesOf } from "#src/chat/lines.ts";
import { openNotices, type TerminalNotice } from "#src/chat/notices.ts";
import { gotAnswer } from "#src/chat/plain-chat.ts";
import { clockStartingAt, isTimeZone } from "#src/clock.ts";
import type { Config } from "#src/config.ts";
import { runCommand } from "./run-command.ts";

interface Options {
  readonly json?: true;
  readonly each?: true;
  readonly user?: string;
  readonly now?: Temporal.Instant;
  readonly timezone?: string;
  readonly seed?: string;
  readonly approve?: true;
  readonly deny?: true;
}

const command = new Command("chat")
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
    new Option("--approve", "answer every confirmation with yes (sandbox only)").conflicts("deny"),
  )
  .option("--deny", "answer every confirmation with no");

const stopping = new AbortController();
const stop = () => stopping.abort();

await runCommand(command, async () => {
  const options = command.opts<Options>();
  const kept = options.each ? undefined : process.env.DATABASE_PATH;
  const config = configOfProcess({ ...process.env, DATABASE_PATH: kept || ":memory:" });
  refuseOutsideSandbox(config, options);
  const { user, timezone: timeZone, seed: seedFile } = options;
  if (options.json) {
    process.once("SIGINT", stop).once("SIGTERM", stop).once("SIGHUP", stop);
    // Whoever read along has left.
    process.stdout.on("error", stop);
    return (await answerLines(config, options)) ? 0 : 1;
  }
  const clock = options.now && clockStartingAt(options.now);
  return (await runTerminal(config, { user, timeZone, seedFile, clock })) ? 0 : 1;
});

/** Nobody speaks for another, or at another time, to a real cluster. */
function refuseOutsideSandbox({ proxmox }: Config, options: Options): void {
  if (proxmox.kind === "sandbox") return;
  const sandboxOnly = ["user", "now", "seed", "approve", "each"] as const;
  const given = sandboxOnly.find((name) => options[name] !== undefined);
  if (given) command.error(`--${given} exists in the sandbox only.`, { exitCode: 2 });
}

/** @returns whether every line got an answer */
async function answerLines(config: Config, options: Options): Promise<boolean> {
  const log = openTerminalLog(config);
  const { timezone: timeZone, seed: seedFile } = options;
  const openApp = () => {
    const clock = options.now && clockStartingAt(options.now);
    // A program reads the answers, and has no eye for how long a shutdown takes.
    const overrides: Overrides = { clock, seedFile, timeZone, pace: 0.1 };
    return createApp(config, log, overrides);
  };

  let answered = true;
  async function answerInOneWorld(inputs: AsyncIterable<string> | readonly string[]) {
    await using running = new AsyncDisposableStack();
    const app = running.adopt(await openApp(), (opened) => opened.stop());
    const { notices: services } = running.use(runSchedule(app, config, log));
    const notices = services && (await openNotices(services, writeNotice));
    running.defer(() => notices?.stop());
    for await (const input of inputs) {
      answered = (await answerLine(app, config, input, options)) && answered;
      await notices?.sayDue();
    }
  }

  const lines = linesOf(process.stdin, stopping.signal);
  if (!options.each) await answerInOneWorld(lines);
  else for await (const input of lines) await answerInOneWorld([input]);
  return answered;
}

async function answerLine(app: App, config: Config, input: string, options: Options) {
  const principal = terminalPrincipal(app.principals, config, options.user);
  const conversation = terminalConversation(principal);
  const message = { text: input, conversation, principal, signal: stopping.signal };
  const now = app.clock.now();
  const startedAt = performance.now();
  const done = await exchange(app, message, { answer: async () => answerOf(options) });
  const ms = Math.round(performance.now() - startedAt);

  const ids = done.calls.flatMap(({ confirmation }) => confirmation?.id ?? []);
  const found = await Promise.all(ids.map((id) => app.confirmations.find(id)));
  const confirmations = found.filter((confirmation) => confirmation !== undefined);
  const record = toJsonRecord({ input, user: principal.id, now, ms }, done, confirmations);
  process.stdout.write(`${JSON.stringify(record)}\n`);
  return gotAnswer(done);
}

/** Standard output is one record for each line of input, and nothing else. */
async function writeNotice(notice: TerminalNotice): Promise<boolean> {
  process.stderr.write(`${JSON.stringify(toNoticeRecord(notice))}\n`);
  return true;
}

function answerOf({ approve, deny }: Options): Answer {
  if (approve) return "approve";
  return deny ? "decline" : "leave";
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
