import type { GuestLine, RunContext } from "#src/agent/model.ts";
import { verbForms } from "./verbs.ts";
import {
  deletionNouns,
  exceptWords,
  fillers,
  kindWords,
  numberWords,
  statusWords,
  tagAliases,
  unsupportedVerbs,
} from "./vocabulary.ts";
import { editDistance, type Word } from "./words.ts";

/** The words of this cluster: which names, VMIDs, nodes, tags and owners there are. */
export interface Lexicon {
  /** Undefined when the inventory is too large to be carried along, or could not be read. */
  readonly guests: readonly GuestLine[] | undefined;
  readonly nodes: ReadonlySet<string>;
  readonly owners: ReadonlySet<string>;
  readonly self: string;
  /** The tag that a word means, if any guest has it. */
  tag(word: string): string | undefined;
  /** Marks the words that name guests, and corrects misspelt verbs. */
  mark(words: readonly Word[]): readonly Word[];
  /** Every guest of exactly this VMID or name. */
  find(reference: string): readonly GuestLine[];
  /** Guests whose name is near or contains the word: to be suggested, never to be acted on. */
  similar(word: string): readonly GuestLine[];
}

const timeUnits = /^(?:min(?:ute)?s?|h(?:ou)?rs?|hours?|days?|d|weeks?|w|months?|years?)$/;
const otherWords = new Set(
  `what which who when where why how is are was were did does do show list help status cluster node nodes
  everything cpu memory about kill today tomorrow tonight morning evening noon friday monday tuesday wednesday thursday
  saturday sunday week month day date plan state stage there three these those where here their other both last
  other it its itself their mine not never if unless yes no confirm cancel same second tag
  january february march april may june july august september october november december stare great smart tool cloud store shot`.split(
    /\s+/,
  ),
);

/** Whether the word belongs to the language, so that a guest of that name has to be addressed clearly. */
export function isLanguage(word: string): boolean {
  return (
    verbForms.has(word) ||
    fillers.has(word) ||
    otherWords.has(word) ||
    exceptWords.has(word) ||
    deletionNouns.has(word) ||
    word in kindWords ||
    word in statusWords ||
    word in numberWords
  );
}

export function createLexicon({ guests, principal }: RunContext): Lexicon {
  const all = guests ?? [];
  const lower = (texts: readonly (string | undefined)[]) =>
    new Set(texts.flatMap((text) => (text ? [text.toLowerCase()] : [])));
  const tags = lower(all.flatMap((guest) => guest.tags));
  const owners = lower([...all.map(({ owner }) => owner), principal.id]);

  const find = (reference: string) =>
    all.filter(
      ({ vmid, name }) =>
        `${vmid}` === reference || name?.toLowerCase() === reference.toLowerCase(),
    );

  function named(words: readonly Word[], index: number): readonly GuestLine[] {
    const word = words[index];
    if (!word) return [];
    const [before, after] = [words[index - 1]?.text ?? "", words[index + 1]?.text ?? ""];
    if (/^\d+$/.test(word.text) && timeUnits.test(after)) return [];
    if (isYear(words, index)) return [];
    const addressed = word.quoted || /^(?:called|named)$/.test(before) || isAddressed(before, word);
    if (isLanguage(word.text) && !addressed) return [];
    return find(word.text.replace(/^#/, ""));
  }

  return {
    guests,
    nodes: lower(all.map(({ node }) => node)),
    owners,
    self: principal.id.toLowerCase(),
    tag(word) {
      const singular = word.replace(/s$/, "");
      return [word, tagAliases[word], singular].find((tag) => tag && tags.has(tag));
    },
    mark: (words) =>
      joinNames(splitPrefixes(words), find).map((word, index, split) => {
        const matches = named(split, index);
        if (matches.length > 0 || word.quoted) return { ...word, guests: matches };
        const known = isLanguage(word.text) || owners.has(word.text) || tags.has(word.text);
        return known ? word : { ...word, text: corrected(word.text) };
      }),
    find,
    similar: (word) => similarGuests(all, word),
  };
}

/** The 2026 of "dec 24 2026" or "24 december, 2026", whichever VMIDs there are. */
function isYear(words: readonly Word[], index: number): boolean {
  if (!/^(?:19|20)\d\d$/.test(words[index]?.text ?? "")) return false;
  const before = words.slice(Math.max(0, index - 4), index).filter(({ text }) => text !== ",");
  const date = before
    .slice(-2)
    .map(({ text }) => text)
    .join(" ");
  return (
    /^\d{1,2}(?:st|nd|rd|th)? [a-z]{3,9}$|[a-z]{3,9} \d{1,2}(?:st|nd|rd|th)?$/.test(date) ||
    /^of [a-z]{3,9}$/.test(date)
  );
}

/** "the guest all", "container stop": the kind right before a name says that it is one. */
function isAddressed(before: string, { text }: Word): boolean {
  const kind = /^(?:guest|container|ct|lxc|vm)$/.test(before);
  return kind && !(text in statusWords) && !fillers.has(text) && !otherWords.has(text);
}

/** "test runner", "k8s node 1": a name said without its hyphens, where no part of it is a name. */
function joinNames(
  words: readonly Word[],
  find: (reference: string) => readonly GuestLine[],
): readonly Word[] {
  const joined: Word[] = [];
  for (let index = 0; index < words.length; index++) {
    const length = [4, 3, 2].find((count) =>
      isSpokenName(words.slice(index, index + count), count, find),
    );
    const parts = words.slice(index, index + (length ?? 1));
    const [first, last] = [parts[0], parts.at(-1)];
    if (!first || !last) continue;
    const raw = parts.map((part) => part.raw).join("-");
    joined.push(length ? { ...first, raw, text: raw.toLowerCase(), end: last.end } : first);
    index += parts.length - 1;
  }
  return joined;
}

function isSpokenName(
  parts: readonly Word[],
  count: number,
  find: (reference: string) => readonly GuestLine[],
): boolean {
  return (
    parts.length === count &&
    parts.every(
      ({ text, quoted }) => !quoted && /^[a-z0-9]+$/.test(text) && find(text).length === 0,
    ) &&
    find(parts.map(({ text }) => text).join("-")).length > 0
  );
}

/** "ct110", "vm-210": a kind and a VMID in one word. */
function splitPrefixes(words: readonly Word[]): readonly Word[] {
  return words.flatMap((word) => {
    const match = word.quoted ? null : /^(ct|vm|lxc|vmid)[-#:]?(\d{3,9})$/.exec(word.text);
    const [, kind, vmid] = match ?? [];
    if (!kind || !vmid) return [word];
    return [
      { ...word, text: kind, raw: kind },
      { ...word, text: vmid, raw: vmid },
    ];
  });
}

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
function corrected(word: string): string {
  if (word.length < 4 || !/^[a-z]+$/.test(word) || unsupportedVerbs.includes(word)) return word;
  for (const candidates of [correctable, correctableNouns]) {
    const near = candidates.filter((verb) => isSlip(word, verb));
    const bases = new Set(near.map((verb) => verbForms.get(verb)?.base ?? verb));
    const base = near.find((verb) => bases.has(verb)) ?? near[0];
    if (bases.size === 1 && base) return base;
  }
  return word;
}

/** One letter off; in a short word only two that were swapped, since others are words themselves. */
function isSlip(word: string, verb: string): boolean {
  if (word.length > 4) return editDistance(word, verb) <= 1;
  const letters = (text: string) => [...text].sort().join("");
  return letters(word) === letters(verb) && editDistance(word, verb) <= 1;
}

function similarGuests(all: readonly GuestLine[], word: string): readonly GuestLine[] {
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
