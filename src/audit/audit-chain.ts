import { createHash } from "node:crypto";

/** An entry as it is chained: its text, and the hashes that bind it to the one before it. */
export interface Link {
  readonly seq: number;
  /** Epoch milliseconds. */
  readonly at: number;
  /** The entry's JSON. */
  readonly entry: string;
  readonly previousHash: string;
  readonly hash: string;
}

export type Verification =
  | { readonly ok: true; readonly entries: number; readonly head: string }
  | { readonly ok: false; readonly entries: number; readonly brokenAt: number };

/** What the first entry's chain starts from. */
export const genesis = "0".repeat(64);

/** SHA-256 of the hash before, the time and the entry's text, each on a line of its own. */
export function hashEntry(previousHash: string, at: number, entry: string): string {
  return createHash("sha256").update(`${previousHash}\n${at}\n${entry}`).digest("hex");
}

/**
 * Recomputes the chain link by link, and stops at the first that does not follow.
 *
 * @param start the hash that the first link has to follow; undefined takes its word for it
 */
export async function verifyChain(
  links: AsyncIterable<Link>,
  start: string | undefined,
): Promise<Verification> {
  let head = start;
  let entries = 0;
  for await (const { seq, at, entry, previousHash, hash } of links) {
    const follows = head === undefined || previousHash === head;
    if (!follows || hash !== hashEntry(previousHash, at, entry)) {
      return { ok: false, entries, brokenAt: seq };
    }
    head = hash;
    entries += 1;
  }
  return { ok: true, entries, head: head ?? genesis };
}
