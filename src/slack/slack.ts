import type { Database } from "#src/storage/database.ts";
import { readIdentity } from "./identity.ts";
import { openNotices } from "./notices/notices.ts";
import type { SlackServices, SlackSettings } from "./services.ts";
import { createSlackTransport } from "./transport/transport.ts";
import { createWebClients } from "./web-clients.ts";

/** The front end in Slack. */
export interface Slack {
  /** Resolves once people are heard. @throws PublicError when Slack does not let us in. */
  start(): Promise<void>;
  /** Refuses what is new, lets what is under way end, disconnects. */
  stop(): Promise<void>;
  /** Resolves when Slack cannot be heard any more; the program should end then. */
  readonly failed: Promise<Error>;
}

/**
 * Opens the front end in Slack: who we are, what arrives, and who listens to it.
 *
 * @throws PublicError when Slack refuses us or does not answer, or the channel is not there.
 */
export async function createSlack(
  settings: SlackSettings,
  services: SlackServices,
  db: Database,
  signal: AbortSignal,
): Promise<Slack> {
  const { audit, clock, log, timeZone } = services;
  const web = createWebClients(settings, log);
  const identity = await readIdentity(web.interactive, signal);
  log.info({ ...identity }, "slack knows us");
  const { channel } = settings;
  const notices = await openNotices({ web, db, audit, clock, log, channel, timeZone });
  const transport = createSlackTransport({ settings, identity, web, db, clock, log });
  return {
    failed: transport.failed,
    async start() {
      await transport.start();
      notices.start();
    },
    async stop() {
      await transport.stop();
      await notices.stop();
    },
  };
}
