import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { MethodTable } from "./arguments.ts";
import { type FakeContext, type Lifetimes, SLACK_LIFETIMES } from "./context.ts";
import { createDeliveries, type Deliveries } from "./deliveries.ts";
import { createEvents, type Events } from "./events.ts";
import { createFaults, type Faults } from "./faults.ts";
import { createHttpDelivery, type HttpDelivery } from "./http-delivery.ts";
import { createInteractions } from "./interactions.ts";
import { DEFAULT_SCOPES, DEFAULT_SUBSCRIPTIONS } from "./manifest.ts";
import { createMessageStore } from "./messages.ts";
import { agentMethods } from "./methods/agents.ts";
import { authMethods } from "./methods/auth.ts";
import { chatMethods } from "./methods/chat.ts";
import { conversationMethods } from "./methods/conversations.ts";
import { streamMethods } from "./methods/streams.ts";
import { userMethods } from "./methods/users.ts";
import { viewMethods } from "./methods/views.ts";
import { createPerson, type Person } from "./people.ts";
import { createQueries, type Queries } from "./queries.ts";
import { createRecorder, type Recorder } from "./recorder.ts";
import { createResponseUrls } from "./response-urls.ts";
import { eventsGranted } from "./scopes.ts";
import { createSessions } from "./sessions.ts";
import { createSocketMode, type SocketMode, type SocketModeOptions } from "./socket-mode.ts";
import { createViews } from "./views.ts";
import { type Credentials, createWebApi, sendJson } from "./web-api.ts";
import { createWorkspace, type Workspace, type WorkspaceSeed } from "./workspace.ts";

export interface FakeSlackOptions
  extends WorkspaceSeed,
    Partial<Lifetimes>,
    Partial<SocketModeOptions> {
  /** Granted to the bot token; default: those of the manifest. */
  readonly scopes?: readonly string[];
  /** Event subscriptions; default: those of the manifest. */
  readonly subscriptions?: readonly string[];
  /** Waits before each further attempt at an event; default: Slack's. */
  readonly retryDelaysMs?: readonly number[];
}

/** Where the fake listens, and what the app needs to know of it. */
export interface FakeSlackConnection {
  /** With the `/api/` that clients expect. */
  readonly apiUrl: string;
  readonly botToken: string;
  readonly appToken: string;
  readonly signingSecret: string;
}

/** A workspace of Slack on 127.0.0.1, with one app installed. */
export interface FakeSlack extends Queries {
  readonly workspace: Workspace;
  readonly credentials: Credentials;
  readonly recorder: Recorder;
  readonly faults: Faults;
  readonly socket: SocketMode;
  /** With a URL set, everything is delivered there instead of over sockets. */
  readonly http: HttpDelivery;
  readonly deliveries: Deliveries;
  /** Sends events of other kinds. */
  readonly events: Events;
  /** The state itself, for what no person and no call of the API does. */
  readonly context: FakeContext;
  person(userId: string): Person;
  start(): Promise<FakeSlackConnection>;
  stop(): Promise<void>;
}

const SIGNING_SECRET = "8f742231b10e4c88abcd99f0d1e285a5";

/**
 * A fake that is not started yet.
 *
 * It answers the Web API, takes Socket Mode connections and refuses what Slack refuses. People act
 * through `person`, tests look through the queries and wait for what is to come:
 *
 *     const slack = createFakeSlack();
 *     const { apiUrl, botToken, appToken } = await slack.start();
 *     const alice = slack.person("U0ALICE");
 *     const { ts } = alice.says(alice.dm, "stop web-01");
 *     const card = await slack.waitForMessage({ thread: ts, matching: "web-01" });
 *     alice.clicks(card, { text: "Confirm" });
 *     expect(slack.recorder.warnings).toEqual([]);
 */
export function createFakeSlack(options: FakeSlackOptions = {}): FakeSlack {
  const workspace = createWorkspace(options);
  const recorder = createRecorder();
  const faults = createFaults();
  const credentials: Credentials = {
    botToken: "xoxb-fake-bot-token-7341",
    appToken: "xapp-fake-app-token-7342",
    scopes: new Set(options.scopes ?? DEFAULT_SCOPES),
    revoked: new Map(),
  };
  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch((error: unknown) => {
      if (!incoming.errored) throw error;
    });
  });
  const host = () => `127.0.0.1:${(server.address() as AddressInfo).port}`;

  const socket = createSocketMode(workspace, recorder, host, {
    ackTimeoutMs: 3_000,
    maxConnections: 10,
    pingIntervalMs: 5_000,
    warningMs: 10_000,
    ...options,
  });
  const http = createHttpDelivery({
    signingSecret: SIGNING_SECRET,
    now: workspace.now,
    timeoutMs: options.ackTimeoutMs ?? 3_000,
  });
  const deliveries = createDeliveries({
    carrier: () => (http.url === undefined ? socket : http),
    recorder,
    retryDelaysMs: options.retryDelaysMs ?? [0, 60_000, 300_000],
  });
  const subscriptions = new Set(options.subscriptions ?? DEFAULT_SUBSCRIPTIONS);
  const events = createEvents(
    workspace,
    deliveries,
    eventsGranted(subscriptions, credentials.scopes),
  );
  const lifetimes = { ...SLACK_LIFETIMES, ...options };
  const context: FakeContext = {
    workspace,
    messages: createMessageStore(workspace, (change) => {
      events.announce(change);
      recorder.changed();
    }),
    views: createViews(workspace, lifetimes.triggerMs),
    sessions: createSessions(workspace, lifetimes.statusMs),
    recorder,
    lifetimes,
  };
  const responseUrls = createResponseUrls(context, host);
  const interactions = createInteractions({ context, deliveries, responseUrls });
  const methods: MethodTable = {
    ...authMethods(workspace, socket.issueUrl),
    ...chatMethods(context),
    ...streamMethods(context),
    ...conversationMethods(context),
    ...agentMethods(context, subscriptions),
    ...userMethods(workspace),
    ...viewMethods(context),
  };
  const webApi = createWebApi({ workspace, credentials, methods, faults, recorder });

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const [, place, name = ""] = new URL(incoming.url ?? "/", "http://localhost").pathname.split(
      "/",
    );
    if (place === "api") return webApi.handle(name, incoming, outgoing);
    if (place === "actions") return responseUrls.handle(name, incoming, outgoing);
    sendJson(outgoing, 404, { ok: false, error: "not_found" });
  }

  server.on("upgrade", socket.upgrade);

  return {
    ...createQueries(context),
    workspace,
    credentials,
    recorder,
    faults,
    socket,
    http,
    deliveries,
    events,
    context,
    person: (userId) => createPerson({ context, deliveries, events, interactions }, userId),
    async start() {
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const { botToken, appToken } = credentials;
      return {
        apiUrl: `http://${host()}/api/`,
        botToken,
        appToken,
        signingSecret: SIGNING_SECRET,
      };
    },
    async stop() {
      deliveries.stop();
      socket.stop();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
