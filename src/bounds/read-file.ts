import { createReadStream } from "node:fs";

/** Bytes of the largest file that people write for the program: a policy, a list, a seed. */
export const largestFile = 4 * 1024 * 1024;

/**
 * The text of a file, of which never more than `maxBytes` are read, whatever the system says of
 * its size.
 *
 * @throws Error of the system's when it cannot be read, or one that says that it is too large.
 */
export async function readFileWithin(path: string | URL, maxBytes = largestFile): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  // The last byte that is asked for is one too many.
  for await (const chunk of createReadStream(path, { end: maxBytes }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    chunks.push(chunk);
  }
  if (size > maxBytes) throw new Error(`it is larger than ${Math.floor(maxBytes / 1024)} KiB`);
  return Buffer.concat(chunks).toString("utf8");
}
