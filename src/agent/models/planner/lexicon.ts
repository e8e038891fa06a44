import type { GuestLine, RunContext } from "#src/agent/model.ts";
import { isFunctionWord, isLanguage } from "./language.ts";
import { corrected, similarGuests } from "./spelling.ts";
import { statusWords, tagAliases } from "./vocabulary.ts";
import type { Word } from "./words.ts";

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
/** The lexicon of the cluster as the person who asks sees it. */
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
  return kind && !(text in statusWords) && !isFunctionWord(text);
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
