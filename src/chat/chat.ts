import { runPlainChat } from "./plain-chat.ts";
import { runTerminalChat } from "./terminal-chat.ts";

type TerminalOptions = Parameters<typeof runTerminalChat>[0];

interface Options extends TerminalOptions {
  readonly input: NodeJS.ReadStream;
  /** Said first: what this is, and what it works on. */
  readonly greeting: readonly string[];
}

/**
 * The conversation at the terminal: with a person where there is one, else line by line.
 *
 * @returns whether every line got an answer
 */
export async function runChat(options: Options): Promise<boolean> {
  const { greeting, input, output } = options;
  for (const line of greeting) output.write(`${line}\n`);
  if (input.isTTY) {
    await runTerminalChat(options);
    return true;
  }
  const write = (text: string) => output.write(text);
  return runPlainChat({ ...options, write, answer: "leave" });
}
