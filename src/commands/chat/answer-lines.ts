import type { Temporal } from "temporal-polyfill";
import { type App, createApp, type Overrides } from "#src/app/app.ts";
import { openTerminalLog, terminalPrincipal } from "#src/app/terminal.ts";
import { runSchedule } from "#src/app/terminal-schedule.ts";
import { type Answer, exchange, terminalConversation } from "#src/chat/exchange.ts";
import { toJsonRecord, toNoticeRecord } from "#src/chat/json-record.ts";
import { linesOf } from "#src/chat/lines.ts";
import { openNotices, type TerminalNotice } from "#src/chat/notices.ts";
import { gotAnswer } from "#src/chat/plain-chat.ts";
import { clockStartingAt } from "#src/clock.ts";
import type { Host } from "#src/commands/host.ts";
import type { Config } from "#src/config.ts";

/** How lines are answered; what is omitted is as in a conversation at the terminal. */
export interface JsonChatOptions {
  /** Every line is a conversation of its own, in a world of its own. */
  readonly each?: true;
  readonly user?: string;
  readonly now?: Temporal.Instant;
  readonly timezone?: string;
  readonly seed?: string;
  readonly approve?: true;
  readonly deny?: true;
}

/**
 * Answers each line of the host's input with one JSON object on its standard output, which says
 * nothing else; what people are told without having asked is on standard error.
 *
 * @returns whether every line got an answer
 */
export async function answerLines(
  config: Config,
  options: JsonChatOptions,
  host: Omit<Host, "env">,
): Promise<boolean> {
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  host.onStop(stop);
  // Whoever read along has left.
  host.stdout.on("error", stop);

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
      answered = (await answerLine(app, input)) && answered;
      await notices?.sayDue();
    }
  }

  async function answerLine(app: App, input: string): Promise<boolean> {
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
    host.stdout.write(`${JSON.stringify(record)}\n`);
    return gotAnswer(done);
  }

  async function writeNotice(notice: TerminalNotice): Promise<boolean> {
    host.stderr.write(`${JSON.stringify(toNoticeRecord(notice))}\n`);
    return true;
  }

  const lines = linesOf(host.stdin, stopping.signal);
  if (!options.each) await answerInOneWorld(lines);
  else for await (const input of lines) await answerInOneWorld([input]);
  return answered;
}

function answerOf({ approve, deny }: JsonChatOptions): Answer {
  if (approve) return "approve";
  return deny ? "decline" : "leave";
}
