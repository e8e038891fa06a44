import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

/** The lines of `input` that say something, until it ends. */
export async function* linesOf(input: Readable): AsyncGenerator<string> {
  for await (const line of createInterface({ input })) {
    const text = line.trim();
    if (text !== "") yield text;
  }
}
