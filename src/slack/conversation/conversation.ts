import type { App } from "@slack/bolt";
import { z } from "zod";
import type { Confirmation } from "#src/actions/confirmation-store.ts";
import { newErrorId, unexpectedErrorMessage } from "#src/errors.ts";
import { plainMessage } from "#src/slack/format/message.ts";
import { deliveryContext } from "#src/slack/listener-context.ts";
import { maybeText } from "#src/slack/maybe-text.ts";
import { conversationPlace } from "#src/slack/place.ts";
import type { SlackIdentity, SlackServices, SlackWeb } from "#src/slack/services.ts";
import { isSlackFailure, slackErrorOf } from "#src/slack/slack-error.ts";
import type { EngagedThreads, ThreadRef } from "#src/slack/threads.ts";
import type { DeliveryContext } from "#src/slack/transport/transport.ts";
import type { SlackUsers } from "#src/slack/users.ts";
import { type Abilities, createAbilities } from "./abilities.ts";
import { type ConfirmationCards, createAnswering } from "./answering.ts";
import { suggestedPrompts } from "./help.ts";
import { isForUs, readRevision, readSpoken } from "./incoming.ts";
import { createMessageQuota, defaultMessagesPerMinute } from "./message-quota.ts";
import { postInThread } from "./post.ts";
import { defaultReplyTiming, type ReplyTiming } from "./reply.ts";
import { createRunningThreads } from "./running-threads.ts";
import { createThreadStatus } from "./thread-status.ts";
import type { WaitingMessages } from "./waiting-messages.ts";

interface Deps {
  readonly services: Pick<
    SlackServices,
    "agent" | "audit" | "confirmations" | "clock" | "log" | "policy"
  >;
  readonly web: SlackWeb;
  readonly identity: SlackIdentity;
  readonly users: SlackUsers;
  readonly threads: EngagedThreads;
  readonly waiting: WaitingMessages;
  readonly cards: ConfirmationCards;
  readonly timing?: Partial<ReplyTiming> | undefined;
}

const stoppedSchema = z.object({ channel: z.string(), thread_ts: z.string() });
const openedSchema = z.object({ channel: z.string(), tab: maybeText });

/** What the rest of the front end tells the conversation. */
export interface SlackConversation {
  /** A question was settled: its thread waits for nobody, unless another is open. Never rejects. */
  onSettled(confirmation: Confirmation): Promise<void>;
}

/**
 * Talks with people: every message in a direct conversation; in channels whoever mentions us, and
 * from then on everybody in that thread. Answers are in the thread, always.
 */
export function registerConversation(app: App, deps: Deps): SlackConversation {
  const { services, web } = deps;
  const abilities = createAbilities(services.log);
  const status = createThreadStatus({ web: web.bulk, abilities });
  const running = createRunningThreads();
  const onMessage = createHearing(
    deps,
    createAnswering({
      ...deps,
      web: web.interactive,
      abilities,
      status,
      running,
      quota: createMessageQuota(
        () => services.policy.document().limits.messagesPerMinute ?? defaultMessagesPerMinute,
        services.clock,
      ),
      timing: { ...defaultReplyTiming, ...deps.timing },
    }),
  );

  app.event("message", ({ event, context }) => onMessage(event, deliveryContext(context)));
  app.event("app_mention", ({ event, context }) => onMessage(event, deliveryContext(context)));

  app.event("agent_session_stopped", async ({ event }) => {
    const stopped = stoppedSchema.safeParse(event).data;
    if (!stopped) return;
    const { channel, thread_ts: threadTs } = stopped;
    // The run itself answers what it had begun, and settles the status.
    if (!running.stop({ channel, threadTs })) await status.settle({ channel, threadTs }, "active");
  });

  app.event("app_home_opened", async ({ event }) => {
    const { channel, tab } = openedSchema.parse(event);
    if (tab === "messages") await suggestPrompts(channel, web.bulk, abilities);
  });

  return {
    async onSettled({ conversation }) {
      const place = conversationPlace(conversation);
      if (!place?.threadTs) return;
      const { channel, threadTs } = place;
      const open = await services.confirmations.pending(conversation).catch(() => []);
      if (open.length === 0) await status.settle({ channel, threadTs }, "active");
    },
  };
}

/** What hears all that is said, and has answered what is for us. */
function createHearing(
  { services: { log }, web, identity, threads, waiting }: Deps,
  answer: ReturnType<typeof createAnswering>,
) {
  /** @throws the error where another attempt may succeed. */
  async function onFailure(
    thread: ThreadRef,
    { signal }: DeliveryContext,
    error: unknown,
  ): Promise<void> {
    signal.throwIfAborted();
    const { channel, threadTs } = thread;
    if (isSlackFailure(error)) {
      if (slackErrorOf(error) === undefined) throw error;
      log.error({ err: error, channel, threadTs }, "Slack refused an answer");
      return;
    }
    const errorId = newErrorId();
    log.error({ err: error, errorId, channel, threadTs }, "message could not be answered");
    await postInThread(web.interactive, thread, plainMessage(unexpectedErrorMessage(errorId)));
  }

  return async (event: unknown, delivery: DeliveryContext): Promise<void> => {
    const revision = readRevision(event, identity);
    if (revision) return waiting.revise(revision);
    const message = readSpoken(event, identity);
    if (!message || !(await isForUs(message, threads))) return;
    if (!message.direct) await threads.engage(message);
    await answer(message, delivery).catch((error: unknown) => onFailure(message, delivery, error));
  };
}

async function suggestPrompts(
  channel: string,
  web: SlackWeb["bulk"],
  abilities: Abilities,
): Promise<void> {
  await abilities.use("assistant.threads.setSuggestedPrompts", () =>
    web.assistant.threads.setSuggestedPrompts({
      channel_id: channel,
      title: "What can I do for you?",
      prompts: suggestedPrompts,
    }),
  );
}
