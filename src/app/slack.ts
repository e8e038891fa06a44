import type { Config, SlackConfig } from "#src/config.ts";
import { PublicError } from "#src/errors.ts";
import { createLogger } from "#src/log.ts";
import { createRedactor } from "#src/redaction.ts";
import type { SlackServices, SlackSettings } from "#src/slack/services.ts";
import type { Slack } from "#src/slack/slack.ts";
import type { Database } from "#src/storage/database.ts";
import { createApp, type Overrides } from "./app.ts";
import { greetingOf } from "./greeting.ts";

/**
 * Runs the front end in Slack until a signal ends it.
 *
 * @throws PublicError when it cannot begin, or when Slack cannot be heard any more; what was under
 * way has ended by then, and a supervisor should start the program again.
 */
export async function runSlack(
  config: Config & { readonly slack: SlackConfig },
  overrides: Overrides = {},
): Promise<void> {
  const log = createLogger({ level: config.logLevel, secrets: config.secrets });
  const broken = Promise.withResolvers<Error>();
  const onRejection = (error: unknown) => {
    log.fatal({ error }, "something failed that nobody waited for");
    broken.resolve(new PublicError("The program cannot trust itself any more; the log says why."));
  };
  process.on("unhandledRejection", onRejection);
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  process.once("SIGINT", stop).once("SIGTERM", stop);
  const stopped = new Promise<undefined>((resolve) => {
    stopping.signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });

  await using running = new AsyncDisposableStack();
  const app = running.adopt(await createApp(config, log, overrides), (opened) => opened.stop());
  const look = () => app.policy.look();
  process.on("SIGHUP", look);
  running.defer(() => void process.off("SIGHUP", look));
  for (const line of greetingOf(config)) log.info(line);
  const services = { ...app, log, timeZone: config.timeZone };
  const settings = { ...config.slack, redact: createRedactor(config.secrets) };
  const slack = await openSlack(settings, services, app.db, stopping.signal);
  if (!slack) return;
  running.defer(() => slack.stop());
  await Promise.race([slack.start(), stopped]);
  const loop = app.schedule.loop(slack.isReachable);
  running.defer(() => loop.stop());
  if (!stopping.signal.aborted) {
    log.info("listening in slack");
    loop.start();
  }

  const failure = await Promise.race([stopped, slack.failed, broken.promise]);
  log.info("stopping");
  if (failure) throw failure;
}

/** Undefined when a signal came before Slack let us in. */
async function openSlack(
  settings: SlackSettings,
  services: SlackServices,
  db: Database,
  signal: AbortSignal,
): Promise<Slack | undefined> {
  // Only here: whoever is at the terminal need not wait for Slack's packages to load.
  const { createSlack } = await import("#src/slack/slack.ts");
  try {
    return await createSlack(settings, services, db, signal);
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}
