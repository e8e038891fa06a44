import type { GuestLine } from "#src/agent/model.ts";
import { type Filter, hasDimension } from "./filters.ts";
import type { Lexicon } from "./lexicon.ts";
import { readPattern } from "./mention-patterns.ts";
import { readWord } from "./mention-words.ts";
import type { Word } from "./words.ts";

/** One stretch of a request between two conjunctions, with everything in it that says which guest. */
export interface Mention extends Filter {
  /** For each word that names a guest exactly: the guests it may mean. */
  readonly named: readonly { readonly said: string; readonly guests: readonly GuestLine[] }[];
  readonly pronoun?: "single" | "several" | "other" | undefined;
  /** How many are meant, where that was said. */
  readonly count?: number | undefined;
  readonly everyone: boolean;
  /** "a container", "one of them", "some": which one is left to us. */
  readonly vague: boolean;
  readonly plural: boolean;
  /** A word for a guest of any kind, such as "container" or "machine". */
  readonly noun: boolean;
  /** Words that nothing here understands. */
  readonly unknown: readonly Word[];
}

/** A mention while its words are being read. */
export type Draft = {
  -readonly [Key in keyof Mention]: Mention[Key] extends readonly (infer Entry)[]
    ? Entry[]
    : Mention[Key];
};

/** Where the reading has come to. */
export interface Place {
  readonly words: readonly Word[];
  readonly index: number;
  readonly lexicon: Lexicon;
}

/** Reads one stretch from left to right: descriptions of several words first, else word by word. */
export function readMention(words: readonly Word[], lexicon: Lexicon): Mention {
  const draft: Draft = {
    kinds: [],
    statuses: [],
    nodes: [],
    tags: [],
    owners: [],
    names: [],
    named: [],
    unknown: [],
    everyone: false,
    vague: false,
    plural: false,
    noun: false,
  };
  let index = 0;
  while (index < words.length) {
    const place = { words, index, lexicon };
    const taken = readPattern(place, draft);
    if (taken === 0) readWord(place, draft);
    index += Math.max(taken, 1);
  }
  return draft;
}

/** Describes guests instead of naming them. */
export function isFilter(mention: Mention): boolean {
  return (
    mention.named.length === 0 &&
    !mention.pronoun &&
    (hasDimension(mention) || mention.noun || mention.everyone)
  );
}
