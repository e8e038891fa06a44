import { z } from "zod";
import { PublicError } from "#src/errors.ts";
import type { Link } from "./audit-chain.ts";

const lineSchema = z.object({
  seq: z.number().int(),
  at: z.number().int(),
  entry: z.unknown(),
  previousHash: z.string(),
  hash: z.string(),
});

/**
 * An entry as one line of JSON, without its line break, and with all that its hash is made of: the
 * SHA-256 of `previousHash`, `at` and the compact JSON of `entry`, joined by line breaks.
 */
export function toExportLine({ entry, ...link }: Link): string {
  return JSON.stringify({ ...link, entry: readable(entry) });
}

/**
 * The entries of an export's lines.
 *
 * @throws PublicError that names the line which is none.
 */
export async function* readExport(lines: AsyncIterable<string>): AsyncIterable<Link> {
  let number = 0;
  for await (const line of lines) {
    number += 1;
    if (line === "") continue;
    const { data } = lineSchema.safeParse(jsonIn(line));
    if (!data) throw new PublicError(`Line ${number} is no entry of an exported audit log.`);
    const { entry } = data;
    yield { ...data, entry: typeof entry === "string" ? entry : JSON.stringify(entry) };
  }
}

/** As JSON, where its text can be had back from that; what somebody else wrote stays as it is. */
function readable(text: string): unknown {
  const entry = jsonIn(text);
  return typeof entry === "object" && JSON.stringify(entry) === text ? entry : text;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
