import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

/** Reads what a person types, a line at a time. */
export interface Prompter {
  /** The next line, also one typed before it was asked for; undefined once the person left. */
  nextLine(prompt: string): Promise<string | undefined>;
  /** A line typed after the question was shown: what came earlier cannot be its answer. */
  ask(question: string): Promise<string | undefined>;
  close(): void;
}

/** @param onInterrupt told of Ctrl-C */
export function createPrompter(
  input: Readable,
  output: Writable,
  onInterrupt: () => void,
): Prompter {
  const terminal = createInterface({ input, output });
  const typedAhead: string[] = [];
  let waiting: ((line: string | undefined) => void) | undefined;
  let closed = false;

  terminal.on("line", (line) => {
    if (!waiting) return void typedAhead.push(line.trim());
    waiting(line.trim());
    waiting = undefined;
  });
  terminal.on("close", () => {
    closed = true;
    waiting?.(undefined);
  });
  terminal.on("SIGINT", onInterrupt);

  async function nextLine(prompt: string): Promise<string | undefined> {
    const ready = typedAhead.shift();
    if (ready !== undefined || closed) return ready;
    terminal.setPrompt(prompt);
    terminal.prompt();
    return new Promise((resolve) => {
      waiting = resolve;
    });
  }

  return {
    nextLine,
    ask(question) {
      typedAhead.length = 0;
      return nextLine(question);
    },
    close: () => terminal.close(),
  };
}
