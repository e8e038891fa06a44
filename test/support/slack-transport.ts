import { onTestFinished } from "vitest";
import { type Clock, systemClock } from "#src/clock.ts";
import { type Logger, silentLogger } from "#src/log.ts";
import type { SpokenMessage } from "#src/slack/conversation/incoming.ts";
import { readIdentity } from "#src/slack/identity.ts";
import type { SlackSettings, SlackWeb } from "#src/slack/services.ts";
import type { SocketTimings } from "#src/slack/transport/socket-connection.ts";
import {
  createSlackTransport,
  type DeliveryContext,
  type SlackTransport,
} from "#src/slack/transport/transport.ts";
import type { WorkerLimits } from "#src/slack/transport/worker.ts";
import { createWebClients } from "#src/slack/web-clients.ts";
import type { Database } from "#src/storage/database.ts";
import { testDatabase } from "./database.ts";
import type { FakeSlack, FakeSlackConnection, FakeSlackOptions } from "./fake-slack/fake-slack.ts";
import { startFakeSlack as startFake } from "./fake-slack/started.ts";

/** A fake workspace of one test, which listens. */
export interface RunningFakeSlack {
  readonly fake: FakeSlack;
  readonly connection: FakeSlackConnection;
}

/** Starts a fake workspace that is gone when the test is. */
export async function startFakeSlack(options: FakeSlackOptions = {}): Promise<RunningFakeSlack> {
  const { slack: fake, connection } = await startFake(options);
  return { fake, connection };
}

/** Settings for Socket Mode in the fake workspace. */
export function socketSettings(connection: FakeSlackConnection): SlackSettings {
  const { botToken, appToken, apiUrl } = connection;
  const transport = { kind: "socket", appToken } as const;
  return { botToken, apiUrl, transport, channel: "#proxmox", externals: "refuse" };
}

interface Options {
  readonly slack?: RunningFakeSlack;
  readonly settings?: Partial<SlackSettings>;
  readonly db?: Database;
  readonly clock?: Clock;
  readonly log?: Logger;
  readonly timings?: Partial<SocketTimings>;
  readonly limits?: Partial<WorkerLimits>;
  isForUs?(message: SpokenMessage): Promise<boolean>;
}

/** A transport that is not started yet, so that listeners can be added to its app. */
export interface TestTransport extends RunningFakeSlack {
  readonly transport: SlackTransport;
  readonly web: SlackWeb;
  readonly db: Database;
}

/** Like the program's own timings, thirty times as fast. */
const fast: SocketTimings = {
  connect: 2_000,
  pong: 300,
  leave: 1_000,
  settled: 100,
  firstDelay: 20,
  longestDelay: 200,
  deaf: 2_000,
};

/** The real transport in front of a fake workspace; it is stopped when the test is over. */
export async function testTransport(options: Options = {}): Promise<TestTransport> {
  const { clock = systemClock, log = silentLogger, isForUs = async () => true } = options;
  const slack = options.slack ?? (await startFakeSlack());
  const db = options.db ?? (await testDatabase());
  const settings = { ...socketSettings(slack.connection), ...options.settings };
  const web = createWebClients(settings, log);
  const identity = await readIdentity(web.interactive, new AbortController().signal);
  const transport = createSlackTransport({
    settings,
    identity,
    web,
    db,
    clock,
    log,
    isForUs,
    host: "127.0.0.1",
    timings: { ...fast, ...options.timings },
    limits: options.limits,
  });
  onTestFinished(() => transport.stop());
  return { ...slack, transport, web, db };
}

/** What reached a listener. */
export interface Heard extends DeliveryContext {
  readonly text: string;
  readonly type: string;
}

/** Listens to every message and mention; `then` is what the listener does with it. */
export function hearMessages(
  { transport }: Pick<TestTransport, "transport">,
  then: (heard: Heard) => Promise<void> = async () => {},
): readonly Heard[] {
  const heard: Heard[] = [];
  const take = async ({ event, context }: { event: object; context: object }) => {
    const { text = "", type = "" } = event as { text?: string; type?: string };
    const delivery = { text, type, ...(context as DeliveryContext) };
    heard.push(delivery);
    await then(delivery);
  };
  transport.app.event("message", take);
  transport.app.event("app_mention", take);
  return heard;
}
