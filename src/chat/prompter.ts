import { clearScreenDown, createInterface, cursorTo, moveCursor } from "node:readline";
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
  /** Has this line read next, as if it had been typed once more. */
  unread(line: string): void;
  /**
   * Shows lines that nobody asked for: above what is being typed, or with the next prompt where
   * something else is being shown.
   *
   * @returns whether they were shown; false once the person left
   */
  interject(text: string): Promise<boolean>;
  close(): void;
}

interface Interjection {
  readonly text: string;
  readonly settle: (shown: boolean) => void;
}

/** @param onInterrupt told of Ctrl-C, at a question too */
export function createPrompter(
  input: Readable,
  output: Writable,
  onInterrupt: () => void,
): Prompter {
  const terminal = createInterface({ input, output });
  const typedAhead: string[] = [];
  const interjections: Interjection[] = [];
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
    for (const { settle } of interjections.splice(0)) settle(false);
  }

  terminal.on("close", leave);
  // The window was closed.
  terminal.on("error", leave);
  terminal.on("SIGINT", () => {
    onInterrupt();
    if (asking) answer(undefined);
  });

  function showInterjections() {
    for (const { text, settle } of interjections.splice(0)) {
      output.write(`${text}\n`);
      settle(true);
    }
  }

  function interruptPrompt() {
    if (terminal.terminal) {
      moveCursor(output, 0, -terminal.getCursorPos().rows);
      cursorTo(output, 0);
      clearScreenDown(output);
      // Where it believes its prompt to begin, in rows above the cursor; there is no other way to say.
      Object.assign(terminal, { prevRows: 0 });
    } else output.write("\n");
    showInterjections();
    terminal.prompt(true);
  }

  async function nextLine(prompt: string): Promise<string | undefined> {
    if (!closed) showInterjections();
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
    unread: (line) => void typedAhead.unshift(line),
    interject(text) {
      return new Promise((settle) => {
        if (closed) return settle(false);
        interjections.push({ text, settle });
        if (waiting) interruptPrompt();
      });
    },
    close: () => terminal.close(),
  };
}
