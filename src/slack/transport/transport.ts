import { App, type ReceiverEvent } from "@slack/bolt";
import type { Clock } from "#src/clock.ts";
import type { Logger } from "#src/log.ts";
import { createTicker } from "#src/scheduler/ticker.ts";
import { createSdkLogger } from "#src/slack/sdk-logger.ts";
import type { SlackIdentity, SlackSettings, SlackWeb } from "#src/slack/services.ts";
import { webOptions } from "#src/slack/web-clients.ts";
import type { Database } from "#src/storage/database.ts";
import { createHttpReceiver } from "./http-receiver.ts";
import { createInbox } from "./inbox.ts";
import { createIngest, type Ingest } from "./ingest.ts";
import { findAuthor, isFromOutside } from "./payload.ts";
import type { PayloadReceiver } from "./receiver.ts";
import type { SocketTimings } from "./socket-connection.ts";
import { createSocketReceiver } from "./socket-receiver.ts";
import { type Attempt, createWorker, type WorkerLimits } from "./worker.ts";

/** What a listener finds in its `context` beside Bolt's own. */
export interface DeliveryContext {
  /** Stands for what arrived; the same again when it is called again for it. */
  readonly inboxKey: string;
  /** Whether an earlier attempt was begun and did not end: look what it did before doing anything. */
  readonly retaken: boolean;
  /** Whether whoever sent it belongs to another organization. */
  readonly fromOutside: boolean;
  /**
   * Aborts when the program stops and has waited long enough. A listener that rejects then is
   * called again by the next process, as `retaken`; one that resolves is done.
   */
  readonly signal: AbortSignal;
}

/** Everything that arrives from Slack, each thing once, to the listeners of a Bolt app. */
export interface SlackTransport {
  /**
   * Takes listeners. A message reaches them as `message` or as `app_mention`, whichever comes
   * first, and never as both. A listener may take its time: only a `view_submission` is not
   * acknowledged before it. One that rejects is called again, as `retaken`, six times within some five minutes at most.
   */
  readonly app: App;
  /** Takes up what an earlier process left, then lets Slack in. */
  start(): Promise<void>;
  /** Refuses what is new, lets what is under way end within about ten seconds, disconnects. */
  stop(): Promise<void>;
  /** Whether what people do would arrive now. */
  isOpen(): boolean;
  /** Resolves when nothing can arrive any more; the program should end then. */
  readonly failed: Promise<Error>;
}

interface Deps {
  readonly settings: SlackSettings;
  readonly identity: SlackIdentity;
  readonly web: SlackWeb;
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly timings?: Partial<SocketTimings> | undefined;
  readonly limits?: Partial<WorkerLimits> | undefined;
  /** Where to listen for HTTP; on every interface when omitted. */
  readonly host?: string | undefined;
}

/** Milliseconds between two looks for entries to forget. */
const pruneEvery = 60_000;

/** The transport that the settings ask for; nothing happens before it is started. */
export function createSlackTransport(deps: Deps): SlackTransport {
  const { settings, identity, db, clock, log } = deps;
  const app = createApp(deps);
  const inbox = createInbox(db, clock);
  const dispatch = (attempt: Attempt) => app.processEvent(toEvent(attempt, identity));
  const worker = createWorker({ inbox, dispatch, log, limits: deps.limits });
  const onOverflow = (body: unknown) => sayOverflow(deps, body);
  const rules = { identity, externals: settings.externals };
  const ingest = createIngest({ ...rules, inbox, worker, log, onOverflow });
  const receiver = createReceiver(deps, ingest);
  const pruning = createTicker({ every: pruneEvery, log, run: prune });

  async function prune(): Promise<void> {
    const { givenUp } = await inbox.prune();
    if (givenUp.length > 0) log.error({ givenUp }, "slack entries given up: too old");
  }

  return {
    app,
    failed: receiver.failed,
    isOpen: receiver.isOpen,
    async start() {
      await prune();
      const left = await inbox.unfinished();
      if (left.length > 0) log.warn({ entries: left.length }, "slack entries are taken up again");
      for (const entry of left) worker.add(entry);
      await receiver.start();
      pruning.start();
    },
    async stop() {
      receiver.refuse();
      await worker.stop();
      await receiver.stop();
      await pruning.stop();
    },
  };
}

function createReceiver(deps: Deps, ingest: Ingest): PayloadReceiver {
  const { clock, log, timings, host, settings } = deps;
  const { transport, apiUrl } = settings;
  return transport.kind === "socket"
    ? createSocketReceiver({ appToken: transport.appToken, apiUrl, ingest, log, timings })
    : createHttpReceiver({ ...transport, host, ingest, clock, log });
}

/** Bolt for its listeners alone: what it would receive, remember and acknowledge is ours. */
function createApp({ settings, identity, log }: Deps): App {
  const { botToken } = settings;
  const { teamId, botId, botUserId } = identity;
  const app = new App({
    receiver: { init() {}, async start() {}, async stop() {} },
    authorize: async () => ({ botToken, botId, botUserId, teamId }),
    ignoreSelf: true,
    convoStore: false,
    logger: createSdkLogger(log),
    clientOptions: webOptions(settings, log),
  });
  // Else Bolt would keep to itself that a listener failed.
  app.error(async (error) => {
    throw error;
  });
  return app;
}

function toEvent(attempt: Attempt, identity: SlackIdentity): ReceiverEvent {
  const { key, body, retaken, signal, ack } = attempt;
  const context: DeliveryContext = {
    inboxKey: key,
    retaken,
    fromOutside: isFromOutside(body, identity),
    signal,
  };
  return { body: body as ReceiverEvent["body"], ack, customProperties: { ...context } };
}

function sayOverflow({ web, log }: Deps, body: unknown): void {
  const author = findAuthor(body);
  if (!author) return;
  const text = "Too much waits in this thread already, so I left this message out.";
  web.interactive.chat
    .postEphemeral({ ...author, text })
    .catch((error: unknown) => log.warn({ error }, "slack overflow not told"));
}
