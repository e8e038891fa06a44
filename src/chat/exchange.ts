import type { ActionExecutor } from "#src/actions/action-executor.ts";
import type { ActionReport, Outcome } from "#src/actions/action-report.ts";
import type { Confirmation } from "#src/actions/confirmation-store.ts";
import { describeAnswered } from "#src/actions/describe-answered.ts";
import { beginAllInOrder, type Place } from "#src/actions/in-order.ts";
import type { Agent, RunEvent, RunResult } from "#src/agent/agent.ts";
import type { Clock } from "#src/clock.ts";
import type { Principal, Principals } from "#src/policy/principal.ts";

/** What the terminal needs of the application. */
export interface ChatServices {
  readonly agent: Agent;
  readonly executor: Pick<ActionExecutor, "approve" | "decline" | "openFor">;
  readonly principals: Pick<Principals, "find">;
  readonly clock: Clock;
}

/** What a person says, and in which conversation. */
export interface Message {
  readonly text: string;
  readonly conversation: string;
  readonly principal: Principal;
  readonly signal: AbortSignal;
}

/** A person's conversation at the terminal, whichever process it goes on in. */
export function terminalConversation({ id }: Principal): string {
  return `terminal:${id}`;
}

/** Whether a question was asked at a terminal: another front end shows its own where it asks them. */
export function isOfTerminal({ conversation }: Pick<Confirmation, "conversation">): boolean {
  return conversation.startsWith("terminal:");
}

/** `leave` answers nothing: the confirmation stays open until it expires. */
export type Answer = "approve" | "decline" | "leave";

/** Whoever sits at the other end. */
export interface ChatPartner {
  onEvent?(event: RunEvent): void;
  onProgress?(message: string): void;
  /** Told the answer when the run is over, before any confirmation is asked for. */
  onResult?(result: RunResult): void;
  answer(confirmation: Confirmation): Promise<Answer>;
  /** One answer to all that a message led to; undefined to be asked one by one. */
  answerTogether?(confirmations: readonly Confirmation[]): Promise<Answer | undefined>;
  /** Told what an answer led to. */
  onAnswered?(sentence: string): void;
}

/** A call, with the confirmation that it asked for. */
export interface AnsweredCall extends ActionReport {
  readonly confirmation?: Confirmation | undefined;
}

/** One message and all that followed: the run, then each confirmation it asked for, answered. */
export interface Exchange {
  readonly result: RunResult;
  /** The run's calls, with the outcomes to which the answers led. */
  readonly calls: readonly AnsweredCall[];
  /** The run's reply, then a sentence for each answer. */
  readonly reply: string;
}

/** Says `message` to the agent and has the partner answer what it asks to be confirmed. */
export async function exchange(
  services: ChatServices,
  message: Message,
  partner: ChatPartner,
): Promise<Exchange> {
  const { text, conversation, principal, signal } = message;
  const onEvent = (event: RunEvent) => partner.onEvent?.(event);
  const result = await services.agent.run({ conversation, text, principal, signal, onEvent });
  partner.onResult?.(result);

  const reply = [result.reply];
  const calls: AnsweredCall[] = [];
  const outcomeOf = await answering(services, result.confirmations, message, partner);
  for (const report of result.calls) {
    if (report.outcome.kind !== "awaiting-confirmation") {
      calls.push(report);
      continue;
    }
    const { confirmation } = report.outcome;
    const outcome = await outcomeOf(confirmation);
    calls.push({ ...report, outcome: outcome ?? report.outcome, confirmation });
    if (outcome) reply.push(describeAnswered(confirmation, outcome));
  }
  return { result, calls, reply: reply.join("\n") };
}

/** How the outcome of each answer comes about: by one answer to all of them, or asked for in turn. */
async function answering(
  services: ChatServices,
  asked: readonly Confirmation[],
  message: Message,
  partner: ChatPartner,
): Promise<(confirmation: Confirmation) => Promise<Outcome | undefined>> {
  const answer = asked.length > 1 ? await partner.answerTogether?.(asked) : undefined;
  if (answer === undefined) return (each) => settle(services, each, message, partner);
  const alike = { ...partner, answer: async () => answer };
  // All count at once: what waited for the others to be carried out could expire meanwhile.
  const settled = await beginAllInOrder(asked, async (each, place) => {
    return [each.id, await settle(services, each, message, alike, place)] as const;
  });
  const outcomes = new Map(settled);
  return async ({ id }) => outcomes.get(id);
}

/**
 * Asks for one answer and carries it out. Undefined when it was left open.
 *
 * @param place among what the same answer approves
 */
export async function settle(
  { agent, executor, principals, clock }: ChatServices,
  confirmation: Confirmation,
  { principal, signal }: Pick<Message, "principal" | "signal">,
  partner: ChatPartner,
  place?: Place,
): Promise<Outcome | undefined> {
  const answer = await partner.answer(confirmation);
  if (answer === "leave") return undefined;

  const onProgress = (message: string) => partner.onProgress?.(message);
  const personOf = async (id: string) => (id === principal.id ? principal : principals.find(id));
  const askedAt = clock.now();
  // An approver answers in the conversation of who asked, which has to know of it.
  const { conversation } = confirmation;
  const onAccepted = async () => void (await place?.before);
  const context = { principal, personOf, askedAt, conversation, signal, onProgress, onAccepted };
  const answered = await executor[answer](confirmation.id, context);
  place?.carriedOut();
  const outcome: Outcome = answered.accepted
    ? answered.report.outcome
    : { kind: "denied", message: answered.reason };

  const sentence = describeAnswered(confirmation, outcome);
  partner.onAnswered?.(sentence);
  await agent.note(conversation, sentence);
  return outcome;
}
