import { readLosses } from "#src/actions/blast-radius.ts";
import type { Confirmation } from "#src/actions/confirmation-store.ts";
import { nameToType, nameToTypeForAll } from "#src/actions/typed-name.ts";
import { openSeats } from "#src/actions/who-answers.ts";
import type { Principal } from "#src/policy/principal.ts";
import type { GuestRisks } from "#src/proxmox/guest-risk.ts";
import type { Answer, ChatPartner } from "./exchange.ts";
import type { Prompter } from "./prompter.ts";
import type { Screen } from "./screen.ts";

interface Deps {
  readonly screen: Screen;
  readonly prompter: Pick<Prompter, "ask" | "unread">;
  readonly principal: Principal;
  readonly risks: GuestRisks;
  /** Stops the message that this partner is for. */
  readonly signal: AbortSignal;
}

/** The person at the terminal, while one message of theirs is worked on. */
export function createTerminalPartner(deps: Deps): ChatPartner {
  const { screen, prompter, principal, risks, signal } = deps;
  /** Whether a command came instead of an answer. */
  let commanded = false;

  const hasLeft = () => signal.aborted || commanded;

  /** Undefined for what is no answer; a command is done once the questions are left open. */
  async function ask(question: string): Promise<string | undefined> {
    const reply = await prompter.ask(question);
    if (!reply?.startsWith("/")) return reply;
    commanded = true;
    prompter.unread(reply);
    return undefined;
  }

  function leaveOpen(): Answer {
    screen.say("\n  Left open; /pending asks again.");
    return "leave";
  }

  async function show(confirmation: Confirmation): Promise<void> {
    const known = await readLosses(confirmation, risks, signal);
    screen.showCard(confirmation, principal.timeZone, known);
  }

  async function answer(confirmation: Confirmation): Promise<Answer> {
    // Ctrl-C is no answer to one question, and to none that would follow it; nor is a command.
    if (hasLeft()) return "leave";
    await show(confirmation);
    if (confirmation.requestedBy.id !== principal.id) return answerForOther(confirmation);
    if (!openSeats(confirmation).includes("requester")) return withdraw();
    const reply = await ask("  Do it? [y/N] ");
    if (reply === undefined) return leaveOpen();
    return isYes(reply) ? approveTyping(nameToType(confirmation)) : "decline";
  }

  async function answerTogether(asked: readonly Confirmation[]): Promise<Answer | undefined> {
    if (hasLeft() || !asked.every((each) => openSeats(each).includes("requester"))) {
      return undefined;
    }
    for (const confirmation of asked) await show(confirmation);
    const reply = await ask(`  Do all ${asked.length} of these? [y/N, o: one by one] `);
    if (reply === undefined) return leaveOpen();
    if (/^o(ne by one)?$/i.test(reply)) return undefined;
    return isYes(reply) ? approveTyping(nameToTypeForAll(asked)) : "decline";
  }

  /** Whoever asked has said all there is to say, but may think better of it. */
  async function withdraw(): Promise<Answer> {
    const reply = await ask("  Leave it open? [Y/n] ");
    return reply !== undefined && isNo(reply) ? "decline" : leaveOpen();
  }

  /** No key pressed by accident turns down what somebody else has asked for. */
  async function answerForOther(confirmation: Confirmation): Promise<Answer> {
    const reply = await ask("  Do you approve it? [y/n] ");
    if (reply === undefined) return leaveOpen();
    if (isYes(reply)) return approveTyping(nameToType(confirmation));
    return isNo(reply) ? "decline" : leaveOpen();
  }

  async function approveTyping(name: string | undefined): Promise<Answer> {
    if (name === undefined) return "approve";
    for (const question of [`  To confirm, type ${name}: `, `  Once more, type ${name}: `]) {
      const typed = await ask(question);
      if (typed === undefined) return leaveOpen();
      if (typed === name) return "approve";
      if (isNo(typed)) break;
      screen.say(`  That is not ${name}.`);
    }
    return "decline";
  }

  return {
    onEvent: screen.showEvent,
    onProgress: screen.showProgress,
    onResult: screen.showResult,
    onAnswered: (sentence) => screen.say(`  ${sentence}`),
    answer,
    answerTogether,
  };
}

function isYes(reply: string): boolean {
  return /^y(es)?$/i.test(reply);
}

function isNo(reply: string): boolean {
  return /^no?$/i.test(reply);
}
