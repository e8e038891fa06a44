import type { WebClient } from "@slack/web-api";
import type { Confirmation } from "#src/actions/confirmation-store.ts";
import type { Principal } from "#src/policy/principal.ts";
import { nobody } from "#src/policy/roles.ts";
import { formatAnswer } from "#src/slack/format/answer.ts";
import { plainMessage } from "#src/slack/format/message.ts";
import { conversationIn } from "#src/slack/place.ts";
import type { SlackIdentity, SlackServices } from "#src/slack/services.ts";
import type { ThreadRef } from "#src/slack/threads.ts";
import type { DeliveryContext } from "#src/slack/transport/transport.ts";
import type { SlackUsers } from "#src/slack/users.ts";
import type { Abilities } from "./abilities.ts";
import { describeAftermath, wasBegun } from "./aftermath.ts";
import { helpMessage } from "./help.ts";
import type { SpokenMessage } from "./incoming.ts";
import type { MessageQuota } from "./message-quota.ts";
import { plainWords } from "./plain-words.ts";
import { postInThread } from "./post.ts";
import { createReply, type ReplyTiming } from "./reply.ts";
import type { RunningThreads } from "./running-threads.ts";
import type { ThreadStatus } from "./thread-status.ts";
import { isTypedApproval, pointToButtons } from "./typed-approval.ts";

/** Shows confirmations where they can be answered: in the thread of their conversation. */
export interface ConfirmationCards {
  /** Together; never rejects. One that is shown already stays where it is. */
  post(asked: readonly Confirmation[]): Promise<void>;
}

export interface AnsweringDeps {
  readonly services: Pick<SlackServices, "agent" | "audit" | "clock" | "confirmations" | "log">;
  readonly web: WebClient;
  readonly identity: SlackIdentity;
  readonly users: SlackUsers;
  readonly cards: ConfirmationCards;
  readonly abilities: Abilities;
  readonly status: ThreadStatus;
  readonly running: RunningThreads;
  readonly quota: MessageQuota;
  readonly timing: ReplyTiming;
}

/** A message whose author and words are known. */
interface Request {
  readonly message: SpokenMessage;
  readonly text: string;
  readonly conversation: string;
  readonly principal: Principal;
  readonly delivery: DeliveryContext;
}

/**
 * Answers one message in its thread.
 *
 * @throws Error when Slack could not be reached, so that the answer is still owed.
 */
export type AnswerMessage = (message: SpokenMessage, delivery: DeliveryContext) => Promise<void>;

export function createAnswering(deps: AnsweringDeps): AnswerMessage {
  const { services, web, identity, users, cards, quota, status } = deps;
  const { audit, clock, confirmations, log } = services;

  const say = (thread: ThreadRef, text: string) => postInThread(web, thread, plainMessage(text));

  /** What is answered without the agent; undefined where it has to be asked. */
  async function answerAtOnce({ message, text, principal, conversation }: Request) {
    const { user, hasFiles } = message;
    if (principal.role === nobody) {
      return plainMessage(
        `You have no role here, so I may do nothing for you. An admin can give one to your member ID, ${user}, in the policy file.`,
      );
    }
    const age = clock.now().epochMilliseconds - Number(message.ts) * 1000;
    if (age > staleAfter) return plainMessage(waitedTooLong(age));
    if (text === "") return hasFiles ? plainMessage(filesIgnored) : helpMessage();
    if (!isTypedApproval(text)) return undefined;
    const open = await confirmations.pending(conversation);
    return open.length > 0 ? plainMessage(await pointToButtons(web, open)) : undefined;
  }

  /** What an earlier attempt did is told, and never done again. */
  async function tellAftermath(request: Request): Promise<boolean> {
    const { message, conversation, delivery } = request;
    const records = await audit.ofOrigin(delivery.inboxKey);
    if (!wasBegun(records)) return false;
    const text = describeAftermath(records);
    for (const part of formatAnswer({ reply: text, calls: [] })) {
      await postInThread(web, message, part);
    }
    await services.agent.note(conversation, text);
    const open = await confirmations.pending(conversation);
    await cards.post(open);
    await status.settle(message, open.length > 0 ? "suspended" : "active");
    return true;
  }

  /** Whether it is one too many; that is said once, because a flood is not answered with another. */
  async function isTooMuch({ message, delivery }: Request): Promise<boolean> {
    // Its first attempt was counted.
    const refusal = delivery.retaken ? undefined : quota.take(message.user);
    if (!refusal) return false;
    const { user, channel } = message;
    log.warn({ user, channel, key: delivery.inboxKey }, "message left out: too many in a minute");
    if (refusal.sentence) await say(message, refusal.sentence);
    return true;
  }

  return async function answer(message, delivery) {
    const request: Request = {
      message,
      delivery,
      text: plainWords(message.text, identity.botUserId),
      conversation: conversationIn(identity.teamId, message),
      principal: await users.principalOf(message.user),
    };
    if (delivery.retaken && (await tellAftermath(request))) return;
    if (await isTooMuch(request)) return;

    const atOnce = await answerAtOnce(request);
    if (atOnce) await postInThread(web, message, atOnce);
    else await runAgent(deps, request);
  };
}

/** Milliseconds after which nobody may count on an order any more that was not carried out. */
const staleAfter = 15 * 60_000;

function waitedTooLong(age: number): string {
  const minutes = Math.round(age / 60_000);
  return `I could not answer when you wrote this, ${minutes} minutes ago, and have done nothing since. Please say it again if you still want it.`;
}

/** The next process answers then. */
const interrupted = "I was interrupted by a restart, and will come back to this.";

const filesIgnored = "I cannot read files; please tell me in words what you want.";

async function runAgent(deps: AnsweringDeps, request: Request): Promise<void> {
  const { services, status, running, cards } = deps;
  const { message, conversation, text, principal, delivery } = request;
  const begun = status.begin(message, { user: message.user, text });
  let open: readonly Confirmation[] = [];
  try {
    await running.enter(message, delivery.signal, async (signal, stop) => {
      const reply = replyTo(deps, message, stop);
      const result = await services.agent.run({
        conversation,
        text,
        principal,
        origin: delivery.inboxKey,
        signal,
        onEvent: reply.onEvent,
      });
      open = result.confirmations;
      if (result.status === "aborted" && delivery.signal.aborted) {
        await reply.abandon(plainMessage(interrupted));
        throw delivery.signal.reason;
      }
      await reply.finish(formatAnswer(result, notesOn(message)));
    });
  } finally {
    // Also where the answer itself could not be shown: a question that nobody sees is lost.
    await cards.post(open);
    await begun.settle(open.length > 0 ? "suspended" : "active");
  }
}

function replyTo(deps: AnsweringDeps, message: SpokenMessage, onStopped: () => void) {
  const { web, abilities, timing, identity, services } = deps;
  const recipient = { teamId: identity.teamId, user: message.user };
  return createReply({
    web,
    abilities,
    timing,
    recipient,
    onStopped,
    log: services.log,
    thread: message,
  });
}

function notesOn({ hasFiles }: SpokenMessage): readonly string[] {
  return hasFiles ? ["(I cannot read files, so I went by your words alone.)"] : [];
}
