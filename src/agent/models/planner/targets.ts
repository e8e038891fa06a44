import { inPlaceOfGuest, ownerless, saysOwnerless } from "./attributes.ts";
import type { Lexicon } from "./lexicon.ts";
import { isFilter, type Mention, readMention } from "./mention.ts";
import { exceptWords } from "./vocabulary.ts";
import type { Word } from "./words.ts";

/** The guests that are meant, and those that are excepted from them. */
export interface Mentions {
  readonly included: readonly Mention[];
  readonly excluded: readonly Mention[];
  /** What was said in place of a guest, such as its owner, so that no guest is meant at all. */
  readonly other?: string | undefined;
}

/** Reads what is left of a clause, its verb and time taken away, as a list of guests. */
export function readMentions(said: readonly Word[], lexicon: Lexicon): Mentions {
  const listed = said.some(({ guests }) => guests.length > 0);
  const words = listed
    ? said.filter(({ text }) => !/^(?:these|those|following|below)$/.test(text))
    : said;
  const except = words.findIndex(
    ({ text, quoted, guests }, index) =>
      !quoted &&
      guests.length === 0 &&
      (exceptWords.has(text) ||
        (text === "but" &&
          index > 0 &&
          words.slice(index + 1).some((word) => word.guests.length > 0 || word.text === "not")) ||
        text === "not" ||
        ((text === "other" || text === "rather") && words[index + 1]?.text === "than") ||
        (text === "apart" && words[index + 1]?.text === "from") ||
        (text === "instead" && words[index + 1]?.text === "of")),
  );
  const cut = except < 0 ? words.length : except;
  const wanted = segments(words.slice(0, cut));
  const kept = segments(
    words
      .slice(cut)
      .filter(
        ({ text }) =>
          !/^(?:not|than|other|rather|apart|from|of|for|instead|but)$/.test(text) &&
          !exceptWords.has(text),
      ),
  );
  return {
    included: mergeFilters(wanted.map((part) => readMention(part, lexicon))),
    excluded: kept.map((part) => readMention(part, lexicon)),
    other: saysOwnerless(said)
      ? ownerless
      : [...wanted, ...kept].map((part) => inPlaceOfGuest(part, lexicon)).find(Boolean),
  };
}

const conjunction = /^(?:,|and|&|\+|plus|then|nor|;|as-well-as|along)$/;

function segments(words: readonly Word[]): readonly (readonly Word[])[] {
  const parts: Word[][] = [[]];
  for (const word of words) {
    if (!word.quoted && conjunction.test(word.text)) parts.push([]);
    else parts.at(-1)?.push(word);
  }
  return parts.filter((part) => part.length > 0);
}

/** "ci and test containers", "containers on pve1 and pve2": one description in two stretches. */
function mergeFilters(mentions: readonly Mention[]): readonly Mention[] {
  const merged: Mention[] = [];
  for (const mention of mentions) {
    if (isEmpty(mention)) continue;
    const before = merged.at(-1);
    const oneOfTwo =
      before && isFilter(before) && isFilter(mention) && !(before.everyone && mention.everyone);
    if (oneOfTwo && (!before.noun || !mention.noun || before.everyone)) {
      merged[merged.length - 1] = joined(before, mention);
    } else merged.push(mention);
  }
  return merged;
}

function joined(a: Mention, b: Mention): Mention {
  return {
    ...a,
    ...b,
    kinds: [...a.kinds, ...b.kinds],
    statuses: [...a.statuses, ...b.statuses],
    nodes: [...a.nodes, ...b.nodes],
    tags: [...a.tags, ...b.tags],
    owners: [...a.owners, ...b.owners],
    names: [...a.names, ...b.names],
    unknown: [...a.unknown, ...b.unknown],
    count: a.count ?? b.count,
    everyone: a.everyone || b.everyone,
    plural: a.plural || b.plural,
    noun: a.noun || b.noun,
    vague: a.vague || b.vague,
  };
}

function isEmpty(mention: Mention): boolean {
  return (
    !isFilter(mention) &&
    mention.named.length === 0 &&
    !mention.pronoun &&
    mention.unknown.length === 0 &&
    mention.count === undefined &&
    !mention.vague
  );
}
