import type { Config, SlackConfig } from "#src/config.ts";
import { createLogger, type Logger } from "#src/log.ts";
import type { Slack } from "#src/slack/slack.ts";
import { type App, createApp, type Overrides } from "./app.ts";
import { greetingOf } from "./greeting.ts";

/**
 * Runs the front end in Slack until a signal ends it.
 *
 * @returns false when it ended because Slack could not be heard any more
 * @throws PublicError when it could not begin.
 */
export async function runSlack(
  config: Config & { readonly slack: SlackConfig },
  overrides: Overrides = {},
): Promise<boolean> {
  const log = createLogger({ level: config.logLevel, secrets: config.secrets });
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  process.once("SIGINT", stop).once("SIGTERM", stop);
  const broken = brokenPromise();

  await using running = new AsyncDisposableStack();
  const app = running.adopt(await createApp(config, log, overrides), (opened) => opened.stop());
  const slack = await openSlack(config.slack, app, log, stopping.signal);
  if (!slack) return true;
  running.defer(() => slack.stop());
  for (const line of greetingOf(config)) log.info(line);
  const stopped = new Promise<undefined>((resolve) => {
    stopping.signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
  await Promise.race([slack.start(), stopped]);
  if (!stopping.signal.aborted) log.info("listening in slack");

  const failure = await Promise.race([stopped, slack.failed, broken]);
  if (!failure) log.info("stopping");
  else log.fatal({ error: failure }, "ends, because Slack cannot be heard any more");
  return failure === undefined;
}

/** Undefined when a signal came before Slack let us in. */
async function openSlack(
  settings: SlackConfig,
  app: App,
  log: Logger,
  signal: AbortSignal,
): Promise<Slack | undefined> {
  // Only here: whoever is at the terminal need not wait for Slack's packages to load.
  const { createSlack } = await import("#src/slack/slack.ts");
  try {
    return await createSlack(settings, { ...app, log }, app.db, signal);
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

/**
 * Resolves when a promise rejects and nobody catches it. What is left of the program then may be
 * deaf, so it ends as it does without Slack: cleanly, and for its supervisor to start again.
 */
function brokenPromise(): Promise<unknown> {
  return new Promise((resolve) => process.once("unhandledRejection", resolve));
}
