import type { Readable } from "node:stream";
import type { Principal } from "#src/policy/principal.ts";
import {
  type Answer,
  type ChatServices,
  type Exchange,
  exchange,
  terminalConversation,
} from "./exchange.ts";
import { linesOf } from "./lines.ts";
import { printable } from "./printable.ts";

interface Options {
  readonly services: ChatServices;
  readonly principal: Principal;
  readonly input: Readable;
  readonly write: (text: string) => void;
  readonly signal: AbortSignal;
  /** Given to every confirmation; a pipe is no person, so nothing but the sandbox may approve. */
  readonly answer: Answer;
}

/** Whether an exchange ended in an answer; a refusal is one. */
export function gotAnswer({ result }: Exchange): boolean {
  return result.status === "completed" || result.status === "limit";
}

/**
 * Answers each line of an input that is no terminal.
 *
 * @returns whether every line got an answer
 */
export async function runPlainChat(options: Options): Promise<boolean> {
  const { services, principal, input, write, signal, answer } = options;
  let answered = true;
  for await (const text of linesOf(input, signal)) {
    const message = { text, conversation: terminalConversation(principal), principal, signal };
    const done = await exchange(services, message, { answer: async () => answer });
    write(`${printable(done.reply)}\n`);
    answered &&= gotAnswer(done);
  }
  return answered;
}
