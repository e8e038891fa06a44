import type { GuestLine } from "#src/agent/model.ts";
import { verbForms } from "./verbs.ts";
import { unsupportedVerbs } from "./vocabulary.ts";
import { editDistance } from "./words.ts";

/** Every form of the verbs that are corrected; a slip in any other word stays as it is. */
const correctable = [...verbForms]
  .filter(([, { base }]) =>
    /^(?:start|restart|reboot|shutdown|shut|stop|power|launch|bounce|delete|remove|destroy|decommission|schedule|reschedule|postpone|cancel|purge|erase|switch)$/.test(
      base,
    ),
  )
  .map(([form]) => form);
const correctableNouns = [
  "container",
  "containers",
  "guests",
  "machines",
  "running",
  "stopped",
  "cluster",
  "status",
  "scheduled",
  "deletion",
  "please",
  "list",
  "show",
];

/** The verb that was meant, where exactly one is a single slip away. */
export function corrected(word: string): string {
  if (word.length < 4 || !/^[a-z]+$/.test(word) || isWord(word)) return word;
  for (const candidates of [correctable, correctableNouns]) {
    const near = candidates.filter((verb) => isSlip(word, verb));
    const bases = new Set(near.map((verb) => verbForms.get(verb)?.base ?? verb));
    const meant = near.find((verb) => bases.has(verb)) ?? near[0];
    if (bases.size === 1 && meant) return meant;
  }
  return word;
}

/** What is no slip: a verb that means something else, and "lease" beside "please". */
const isWord = (word: string) => unsupportedVerbs.includes(word) || word === "lease";

/** One letter off; in a short word only two that were swapped, since others are words themselves. */
function isSlip(word: string, verb: string): boolean {
  if (word.length > 4) return editDistance(word, verb) <= 1;
  const letters = (text: string) => [...text].sort().join("");
  return letters(word) === letters(verb) && editDistance(word, verb) <= 1;
}

/** Guests whose names are near the word or contain it, the nearest first, at most four. */
export function similarGuests(all: readonly GuestLine[], word: string): readonly GuestLine[] {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, "");
  const wanted = plain(word);
  if (wanted.length < 2) return [];
  const score = ({ name, vmid }: GuestLine) => {
    const own = plain(name ?? `${vmid}`);
    if (own === wanted) return 0;
    const distance = editDistance(own, wanted);
    if (distance <= Math.max(1, Math.floor(wanted.length / 4))) return distance;
    return own.includes(wanted) || (own.length > 3 && wanted.includes(own)) ? 5 : 99;
  };
  return all
    .map((guest) => ({ guest, score: score(guest) }))
    .filter((entry) => entry.score < 99)
    .sort((a, b) => a.score - b.score)
    .slice(0, 4)
    .map(({ guest }) => guest);
}
