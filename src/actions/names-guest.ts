import type { GuestTarget } from "#src/policy/target.ts";
import type { Inventory } from "#src/proxmox/guest.ts";

/**
 * Whether somebody's words name this guest and no other: by its VMID, or by a name that no other
 * guest has. Undefined where that cannot be told. What they quote is not their own.
 */
export function namesGuest(
  words: string,
  { vmid, name }: Pick<GuestTarget, "vmid" | "name">,
  inventory: Inventory | undefined,
): boolean | undefined {
  const own = withoutQuotes(words);
  if (occurs(`${vmid}`, own, noAmount)) return true;
  if (!occurs(name, own)) return false;
  // A guest without a name, for the moment, may have this one.
  if (!inventory || inventory.nameless.length > 0) return undefined;
  const isNamesake = (other: string | undefined) => other?.toLowerCase() === name.toLowerCase();
  return inventory.guests.filter((guest) => isNamesake(guest.name)).length <= 1;
}

/** From the first fence to the last: what is quoted may hold one that looks like its end. */
const fenced = /```[\s\S]*(?:```|$)/;

/** Without an alert, a log or a message of somebody else's, as people mark them in chats. */
function withoutQuotes(words: string): string {
  return words
    .replace(/^\s*>>>[\s\S]*/m, "")
    .replace(/^\s*>.*$/gm, "")
    .replace(fenced, "");
}

const units = "s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|weeks?|months?|years?";
/** Not before what makes a number a time or a size: "120 minutes", "120 GB". */
const noAmount = `(?!\\s*(?:${units}|[kmgt]i?b)\\b|\\s*%|[:,.]\\d)`;

/** As a word of its own: "web" does not occur in "web-01". */
function occurs(name: string, words: string, unless = ""): boolean {
  const escaped = name.replace(/[^\w\s]/g, "\\$&");
  return new RegExp(`(?<![\\w.-]|\\d:)${escaped}(?![\\w-]|\\.\\w)${unless}`, "i").test(words);
}
