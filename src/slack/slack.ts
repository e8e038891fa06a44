import type { App } from "@slack/bolt";
import { createOutboxStore, type OutboxStore } from "#src/outbox/outbox-store.ts";
import type { Database } from "#src/storage/database.ts";
import { registerCommands } from "./commands/commands.ts";
import { registerConfirmations } from "./confirmations/confirmations.ts";
import { registerConversation } from "./conversation/conversation.ts";
import { isForUs } from "./conversation/incoming.ts";
import { createWaitingMessages } from "./conversation/waiting-messages.ts";
import { registerDeletions } from "./deletions/deletions.ts";
import { registerHome } from "./home/home.ts";
import { readIdentity } from "./identity.ts";
import { openNotices } from "./notices/notices.ts";
import type { SlackIdentity, SlackServices, SlackSettings, SlackWeb } from "./services.ts";
import { createEngagedThreads, type EngagedThreads } from "./threads.ts";
import { createSlackTransport } from "./transport/transport.ts";
import { createSlackUsers } from "./users.ts";
import { createWebClients } from "./web-clients.ts";

/** The front end in Slack. */
export interface Slack {
  /** Resolves once people are heard. @throws PublicError when Slack does not let us in. */
  start(): Promise<void>;
  /** Refuses what is new, lets what is under way end, disconnects. */
  stop(): Promise<void>;
  /**
   * Whether a person's click would reach us now, and what we say would reach people, as far as the
   * last that was said tells.
   */
  isReachable(): boolean;
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
  const { audit, deletions, clock, log, timeZone } = services;
  const ending = new AbortController();
  const web = createWebClients(settings, log, ending.signal);
  const identity = await readIdentity(web.interactive, signal);
  log.info({ ...identity }, "slack knows us");
  const outbox = createOutboxStore(db, clock);
  const said = { db, outbox, audit, deletions, clock, log, timeZone };
  const notices = await openNotices({ ...said, web, identity, channel: settings.channel });
  const threads = createEngagedThreads(db, clock, identity.teamId);
  const transport = createSlackTransport({
    settings,
    identity,
    web,
    db,
    clock,
    log,
    isForUs: (message) => isForUs(message, threads),
  });
  const { channel } = notices;
  const parts = { settings, services, web, identity, channel, db, outbox, threads };
  const listeners = addListeners(transport.app, parts);
  return {
    failed: transport.failed,
    isReachable: () => transport.isOpen() && !notices.isFailing(),
    async start() {
      await transport.start();
      listeners.start();
      notices.start();
    },
    async stop() {
      await transport.stop();
      // Else a rate limit would keep the program from ending.
      ending.abort(new Error("The program ends."));
      await listeners.stop();
      await notices.stop();
    },
  };
}

interface ListenerDeps {
  readonly settings: SlackSettings;
  readonly services: SlackServices;
  readonly web: SlackWeb;
  readonly identity: SlackIdentity;
  /** The id of the channel that hears of everything. */
  readonly channel: string;
  readonly db: Database;
  readonly outbox: OutboxStore;
  readonly threads: EngagedThreads;
}

/** Who listens: the conversation, the cards, the Home tab and the command. */
function addListeners(app: App, deps: ListenerDeps) {
  const { settings, services, web, identity, channel, db, outbox, threads } = deps;
  const { clock, principals, log } = services;
  const { interactive } = web;
  const { externals } = settings;
  const users = createSlackUsers({ web: interactive, identity, principals, externals, clock, log });
  const common = { services, web, identity, users };
  const onChange = () => {
    home.refresh();
    deletions.refresh();
  };
  const confirmations = registerConfirmations(app, {
    ...common,
    channel,
    onChange,
    onSettled: (confirmation) => conversation.onSettled(confirmation),
  });
  const deletions = registerDeletions(app, { ...common, confirmations, outbox, onChange });
  const home = registerHome(app, { ...common, questionsOf: confirmations.openOf });
  registerCommands(app, { ...common, web: interactive, confirmations, onChange });
  const conversation = registerConversation(app, {
    ...common,
    threads,
    waiting: createWaitingMessages(db, clock, identity.teamId),
    cards: confirmations,
  });
  return {
    start() {
      confirmations.start();
      deletions.start();
      home.start();
    },
    async stop() {
      await Promise.all([confirmations.stop(), deletions.stop(), home.stop()]);
    },
  };
}
