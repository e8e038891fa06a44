import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

/** Reads what a person types, a line at a time. */
export interface Prompter {
  /** The next line, also one typed before it was asked for; undefined once the person left. */
  nextLine(prompt: string): Promise<string | undefined>;
  /**
   * A line typed after the question was shown: what came earlier cannot be its answer. Undefined
   * also after Ctrl-C.
   */
  ask(question: string): Promise<string | undefined>;
  close(): void;
}

/** @param onInterrupt told of Ctrl-C, at a question too */
export function createPrompter(
  input: Readable,
  output: Writable,
  onInterrupt: () => void,
): Prompter {
  const terminal = createInterface({ input, output });
  const typedAhead: string[] = [];
  let waiting: ((line: string | undefined) => void) | undefined;
  let asking = false;
  let closed = false;

  function answer(line: string | undefined) {
    waiting?.(line);
    waiting = undefined;
  }

  terminal.on("line", (line) => {
    if (waiting) answer(line.trim());
    else typedAhead.push(line.trim());
  });
  function leave() {
    closed = true;
    answer(undefined);
  }

  terminal.on("close", leave);
  // The window was closed.
  terminal.on("error", leave);
  terminal.on("SIGINT", () => {
    onInterrupt();
    if (asking) answer(undefined);
  });

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
    async ask(question) {
      typedAhead.length = 0;
      asking = true;
      const line = await nextLine(question);
      asking = false;
      return line;
    },
    close: () => terminal.close(),
  };
}
