import { App, type ReceiverEvent } from "@slack/bolt";
import type { Clock } from "#src/clock.ts";
import type { Logger } from "#src/log.ts";
import { redactTexts } from "#src/redaction.ts";
import { createTicker } from "#src/scheduler/ticker.ts";
import type { SpokenMessage } from "#src/slack/conversation/incoming.ts";
import { createSdkLogger } from "#src/slack/sdk-logger.ts";
import type { SlackIdentity, SlackSettings, SlackWeb } from "#src/slack/services.ts";
import { createTell } from "#src/slack/tell.ts";
import { webOptions } from "#src/slack/web-clients.ts";
import type { Database } from "#src/storage/database.ts";
import { createHttpReceiver } from "./http-receiver.ts";
import { createInbox } from "./inbox.ts";
import { createIngest, type Ingest } from "./ingest.ts";
import { isFromOutside } from "./payload.ts";
import type { PayloadReceiver } from "./receiver.ts";
import { readSender } from "./sender.ts";
import type { SocketTimings } from "./socket-connection.ts";
import { createSocketReceiver } from "./socket-receiver.ts";
import type { Work } from "./turns.ts";
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
  /**
   * Lets the next click have its turn while this one goes on, for what takes long and is bounded
   * elsewhere: a click can open a modal for three seconds only.
   */
  endTurn(): void;
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
  /** Whether a message is to be answered: only such a message waits for its turn. */
  isForUs(message: SpokenMessage): Promise<boolean>;
  readonly timings?: Partial<SocketTimings> | undefined;
  readonly limits?: Partial<WorkerLimits> | undefined;
  /** Where to listen for HTTP; on every interface when omitted. */
  readonly host?: string | undefined;
}

/** Milliseconds between two looks for entries to forget. */
const pruneEvery = 60_000;

/** The transport that the settings ask for; nothing happens before it is started. */
export function createSlackTransport(deps: Deps): SlackTransport {
  const { settings, identity, db, clock, isForUs, log } = deps;
  const app = createApp(deps);
  const inbox = createInbox(db, clock);
  const dispatch = (attempt: Attempt) => app.processEvent(toEvent(attempt, deps));
  const worker = createWorker({ inbox, dispatch, isForUs, log, limits: deps.limits });
  const onOverflow = (work: Work) => sayOverflow(deps, work);
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
      for (const { key, lane, body } of left) {
        worker.add({ key, lane, sender: readSender(body, identity) });
      }
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

function toEvent(attempt: Attempt, { settings, identity }: Deps): ReceiverEvent {
  const { key, body, retaken, signal, endTurn } = attempt;
  const context: DeliveryContext = {
    inboxKey: key,
    retaken,
    fromOutside: isFromOutside(body, identity),
    signal,
    endTurn,
  };
  const ack: Attempt["ack"] = (answer) =>
    attempt.ack(settings.redact ? redactTexts(answer, settings.redact) : answer);
  return { body: body as ReceiverEvent["body"], ack, customProperties: { ...context } };
}

function sayOverflow({ web, log }: Deps, { key, sender }: Work): void {
  const { person: userId, place: channel, message } = sender;
  const acts = key.startsWith("ev:") ? "edits and other events" : "clicks and commands";
  const what = message ? "messages" : acts;
  const text = `Too many ${what} of yours wait already. I leave out this one, and any more until I am done with those; please repeat then what still matters.`;
  const threadTs = message && message.threadTs !== message.ts ? message.threadTs : undefined;
  void createTell(web.interactive, log)({ userId, channel, threadTs }, text);
}
