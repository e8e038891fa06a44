import { createInterface } from "node:readline";
import { type Readable, Transform } from "node:stream";

/** Bytes of a line that are kept: far more than are read, so that a longer one is still too long. */
const longestLine = 256 * 1024;

/** The lines of `input` that say something, until it ends or the signal says so. */
export async function* linesOf(input: Readable, signal: AbortSignal): AsyncGenerator<string> {
  try {
    for await (const line of createInterface({ input: input.pipe(cutLines()), signal })) {
      const text = line.trim();
      if (text !== "") yield text;
    }
  } finally {
    // Whoever holds the other end open would keep this process alive.
    input.destroy();
  }
}

/** Leaves out the rest of a line that would fill the memory. */
function cutLines(): Transform {
  let length = 0;
  return new Transform({
    transform(chunk: Buffer, _, done) {
      const kept: Buffer[] = [];
      for (let start = 0; start < chunk.length; ) {
        const lineEnd = chunk.indexOf("\n", start);
        const end = lineEnd < 0 ? chunk.length : lineEnd + 1;
        const room = Math.max(0, longestLine - length);
        kept.push(chunk.subarray(start, Math.min(end, start + room)));
        if (lineEnd >= 0 && end > start + room) kept.push(Buffer.from("\n"));
        length = lineEnd < 0 ? length + end - start : 0;
        start = end;
      }
      done(null, Buffer.concat(kept));
    },
  });
}
