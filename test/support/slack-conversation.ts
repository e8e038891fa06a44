import { Temporal } from "temporal-polyfill";
import type { ActionExecutor } from "#src/actions/action-executor.ts";
import type { Confirmation } from "#src/actions/confirmation-store.ts";
import type { Tool } from "#src/actions/tool.ts";
import { createAgent } from "#src/agent/agent.ts";
import type { Model } from "#src/agent/model.ts";
import { createSessionStore } from "#src/agent/session-store.ts";
import { systemClock } from "#src/clock.ts";
import { silentLogger } from "#src/log.ts";
import { simplestPolicy } from "#src/policy/policy-document.ts";
import { createPrincipals, type GroupRole, type Principal } from "#src/policy/principal.ts";
import { registerConversation } from "#src/slack/conversation/conversation.ts";
import { isForUs } from "#src/slack/conversation/incoming.ts";
import type { ReplyTiming } from "#src/slack/conversation/reply.ts";
import { createWaitingMessages } from "#src/slack/conversation/waiting-messages.ts";
import { readIdentity } from "#src/slack/identity.ts";
import { createEngagedThreads } from "#src/slack/threads.ts";
import type { TurnLimits } from "#src/slack/transport/turns.ts";
import { createSlackUsers } from "#src/slack/users.ts";
import type { Database } from "#src/storage/database.ts";
import { setUpExecutor } from "./actions.ts";
import { hasty } from "./agent.ts";
import { testDatabase } from "./database.ts";
import { type RunningFakeSlack, testTransport } from "./slack-transport.ts";

interface Options {
  readonly model: Model;
  readonly tools?: readonly Tool[];
  readonly slack?: RunningFakeSlack;
  readonly db?: Database;
  readonly groups?: readonly GroupRole[];
  /** Of everybody but alice; nobody, if left out. */
  readonly unknownRole?: string;
  readonly timing?: Partial<ReplyTiming>;
  readonly messagesPerMinute?: number;
  readonly turns?: Partial<TurnLimits>;
  /** Done before anything arrives. */
  prepare?(parts: Pick<Conversation, "db" | "audit">): Promise<void>;
}

export type Conversation = Awaited<ReturnType<typeof setUpConversation>>;

/** Alice of the fake workspace, whom the policy names; it knows nobody else. */
const alice: Principal = {
  id: "U0ALICE",
  name: "Alice",
  role: "operator",
  timeZone: "Europe/Berlin",
};

/**
 * People of a fake workspace in conversation with an agent: real transport, executor, policy,
 * audit log and stores; the model is the test's, and cards are only counted.
 */
export async function setUpConversation(options: Options) {
  const { model, tools = [], groups, timing, messagesPerMinute, turns } = options;
  const { unknownRole = "nobody" } = options;
  const db = options.db ?? (await testDatabase());
  const { fake, connection, transport, web } = await testTransport({
    db,
    ...(options.slack && { slack: options.slack }),
    limits: { ...turns, firstPause: 10, drain: 50, afterAbort: 2_000 },
    isForUs: (message) => isForUs(message, threads),
  });
  const identity = await readIdentity(web.interactive, new AbortController().signal);
  const { executor, audit, confirmations, clock } = setUpExecutor(db, tools);
  const threads = createEngagedThreads(db, clock, identity.teamId);
  const principals = createPrincipals([alice], { role: unknownRole, timeZone: "UTC" }, groups);
  const agent = createTestAgent(model, executor, db);
  const log = silentLogger;
  const policy = { document: () => ({ ...simplestPolicy, limits: { messagesPerMinute } }) };
  const cards: Confirmation[] = [];
  const { onSettled } = registerConversation(transport.app, {
    // Slack stamps messages by the real time.
    services: { agent, audit, confirmations, clock: systemClock, log, policy },
    web,
    identity,
    users: createSlackUsers({
      web: web.interactive,
      identity,
      principals,
      externals: "refuse",
      clock,
      log,
    }),
    threads,
    waiting: createWaitingMessages(db, clock, identity.teamId),
    cards: {
      async post(asked) {
        cards.push(...asked);
        for (const { id } of asked) await confirmations.show(id, "C0PROXMOX/1.000001");
      },
    },
    timing,
  });
  await options.prepare?.({ db, audit });
  await transport.start();

  const person = fake.person("U0ALICE");
  /** The answer to what was said: the thread's last message, once it matches. */
  const answerTo = (said: { channel: string; ts: string }, matching: string | RegExp) =>
    fake.waitForMessage({ channel: said.channel, thread: said.ts, matching });
  /** Resolves when everything that arrived is done. */
  async function quiet(): Promise<void> {
    await Promise.all(fake.deliveries.all.map(({ outcome }) => outcome));
    for (;;) {
      const open = await db
        .selectFrom("inbox")
        .select("key")
        .where("done_at", "is", null)
        .execute();
      if (open.length === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
  return {
    fake,
    connection,
    onSettled,
    transport,
    alice: person,
    cards,
    confirmations,
    audit,
    db,
    answerTo,
    quiet,
  };
}

function createTestAgent(model: Model, executor: ActionExecutor, db: Database) {
  const clock = { now: () => Temporal.Instant.from("2026-11-24T12:00:00Z") };
  return createAgent({
    model,
    executor,
    sessions: createSessionStore({ db, clock }),
    prompt: { instructions: "Be helpful.", lastTurn: "Answer now.", version: "prompt-1" },
    clock,
    log: silentLogger,
    limits: { graceTime: hasty.graceTime ?? 10 },
  });
}

/** A model whose one answer comes in pieces, as fast as the test lets it. */
export function tellingModel() {
  let write: (delta: string) => void = () => {};
  const asked = Promise.withResolvers<void>();
  const told = Promise.withResolvers<void>();
  let text = "";
  const model: Model = {
    id: "telling",
    async respond({ onText }) {
      write = (delta) => {
        text += delta;
        onText?.(delta);
      };
      asked.resolve();
      await told.promise;
      const usage = { inputTokens: 1, cachedTokens: 0, outputTokens: 1, estimated: false };
      return {
        items: [{ type: "assistant", text }],
        finish: "stop",
        usage,
        model: "telling",
        requests: 1,
      };
    },
  };
  return {
    model,
    /** Resolves when the model is asked. */
    asked: asked.promise,
    tells: (delta: string) => write(delta),
    ends: () => told.resolve(),
  };
}
