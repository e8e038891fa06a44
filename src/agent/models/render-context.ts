import type { Temporal } from "temporal-polyfill";
import type { GuestLine, RunContext } from "#src/agent/model.ts";
import { plainText } from "#src/plain-text.ts";
import type { Principal } from "#src/policy/principal.ts";

const weekdays = [
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday",
  "Sunday",
] as const;

const maxNameLength = 64;
const maxTagsLength = 80;

/**
 * The moment as the model is told of it: the time, who asks, and the guests, a line each and
 * grouped by node (10 to 13 tokens a guest, where raw JSON takes 115).
 *
 * Names and tags are data that others wrote: each is one word on its guest's own line, without
 * invisible characters, and none can end the block.
 */
export function renderContext({ now, principal, guests, inventoryNote }: RunContext): string {
  return [
    "<context>",
    `Now: ${localTime(now, principal.timeZone)}`,
    `Requester: ${requester(principal)}`,
    ...(guests ? [guestTable(guests)] : []),
    ...(inventoryNote ? [`Note: ${harmless(inventoryNote, 500)}`] : []),
    "</context>",
  ].join("\n");
}

function localTime(now: Temporal.Instant, timeZone: string): string {
  const local = now.toZonedDateTimeISO(timeZone);
  return `${weekdays[local.dayOfWeek - 1]} ${local.toString({ smallestUnit: "minute" })}`;
}

function requester({ id, name, role }: Principal): string {
  const words = [id, name, role].map((word) => harmless(word, maxNameLength));
  return `${words[0]} (${words[1]}), role ${words[2]}`;
}

function guestTable(guests: readonly GuestLine[]): string {
  const nodes = [...Map.groupBy(guests, ({ node }) => node)].sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    `Guests (${guests.length}), by node, as: vmid kind name status owner tags`,
    ...nodes.flatMap(([node, lines]) => [`${oneWord(node)}:`, ...lines.map(guestLine)]),
  ].join("\n");
}

function guestLine({ vmid, kind, name, status, owner, tags }: GuestLine): string {
  const words = [name, status, owner].map((word) => (word ? oneWord(word) : "-"));
  return [vmid, kind, ...words, harmless(tags.join(" "), maxTagsLength)].join(" ").trimEnd();
}

function oneWord(text: string): string {
  return harmless(text, maxNameLength).replaceAll(" ", "_");
}

/** Plain text that cannot pass for a tag of ours. */
function harmless(text: string, maxLength: number): string {
  return plainText(text, maxLength).replace(/[<>]/g, "_");
}
