import type { GuestTarget } from "#src/policy/target.ts";
import type { Inventory } from "#src/proxmox/guest.ts";

/**
 * Whether somebody's words name this guest and no other: by its VMID, or by a name that no other
 * guest has. Undefined where that cannot be told.
 */
export function namesGuest(
  words: string,
  { vmid, name }: Pick<GuestTarget, "vmid" | "name">,
  inventory: Inventory | undefined,
): boolean | undefined {
  if (occurs(`${vmid}`, words, noAmount)) return true;
  if (!occurs(name, words)) return false;
  // A guest without a name, for the moment, may have this one.
  if (!inventory || inventory.nameless.length > 0) return undefined;
  const isNamesake = (other: string | undefined) => other?.toLowerCase() === name.toLowerCase();
  return inventory.guests.filter((guest) => isNamesake(guest.name)).length <= 1;
}

const units = "s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|weeks?|months?|years?";
/** Not before what makes a number a time or a size: "120 minutes", "120 GB". */
const noAmount = `(?!\\s*(?:${units}|[kmgt]i?b)\\b|\\s*%|[:,.]\\d)`;

/** As a word of its own: "web" does not occur in "web-01". */
function occurs(name: string, words: string, unless = ""): boolean {
  const escaped = name.replace(/[^\w\s]/g, "\\$&");
  return new RegExp(`(?<![\\w.-]|\\d:)${escaped}(?![\\w-]|\\.\\w)${unless}`, "i").test(words);
}
