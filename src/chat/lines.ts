import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

/** The lines of `input` that say something, until it ends or the signal says so. */
export async function* linesOf(input: Readable, signal: AbortSignal): AsyncGenerator<string> {
  try {
    for await (const line of createInterface({ input, signal })) {
      const text = line.trim();
      if (text !== "") yield text;
    }
  } finally {
    // Whoever holds the other end open would keep this process alive.
    input.destroy();
  }
}
