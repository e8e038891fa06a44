import type { Draft, Place } from "./mention.ts";
import { fillers, kindWords } from "./vocabulary.ts";

/** Reads what a pattern found into the draft; false where the words mean something else there. */
type Reader = (said: string, draft: Draft, place: Place) => boolean;

/** Descriptions of several words, the first that fits; what is in brackets is handed to the reader. */
const patterns: readonly (readonly [pattern: RegExp, read: Reader])[] = [
  [
    /^(?:(?:names? )?(?:starting|beginning)|that starts?|that begins?|whose names? (?:starts?|begins?)) with ([\w.*-]+)/,
    readPartOfName,
  ],
  [
    /^(?:(?:names? )?(?:containing|including)|with|have|has|having) ([\w.*-]+) in (?:the|their|its)(?: own)? names?/,
    readPartOfName,
  ],
  [
    /^(?:whose names? (?:contains?|has)|(?:called|named) (?:something )?like|matching) ([\w.*-]+)/,
    readPartOfName,
  ],
  [/^([\w.-]+\*)/, readPartOfName],
  [/^(?:tagged|labell?ed|tag|tags|label)(?: (?:with|as|is))? ([\w.-]+)/, readTag],
  [/^(?:(?:all|both) of them|all of (?:those|these)|the (?:two|three|four) of them)/, several],
  [/^(?:the )?other (?:one|container|vm|guest|virtual-machine)|^the other$/, theOther],
  [
    /^(?:that|this|the same) (?:one|guest|container|vm|machine|server|box)(?= |$)|^the same$/,
    theSame,
  ],
  [/^(?:one of|some(?: of)?|any(?: one)? of|either|a few|most(?: of)?|half(?: of)?)(?= |$)/, vague],
  [/^(?:a )?random(?= |$)/, vague],
  [/^a(?= |$)/, article],
];

/** How many words a description of several words takes from there; 0 where there is none. */
export function readPattern(place: Place, draft: Draft): number {
  const { words, index } = place;
  const line = words
    .slice(index, index + 6)
    .map(({ text, guests }) => (guests.length > 0 ? "§" : text))
    .join(" ");
  for (const [pattern, read] of patterns) {
    const match = pattern.exec(line);
    if (match && read(match[1] ?? "", draft, place)) return match[0].split(" ").length;
  }
  return 0;
}

function readPartOfName(said: string, draft: Draft): boolean {
  draft.names.push(said.replace(/\*/g, ""));
  draft.plural = true;
  return true;
}

function readTag(said: string, draft: Draft, { lexicon }: Place): boolean {
  if (fillers.has(said)) return false;
  draft.tags.push(lexicon.tag(said) ?? said);
  return true;
}

function several(_: string, draft: Draft): boolean {
  draft.pronoun = "several";
  return true;
}

function theOther(_: string, draft: Draft): boolean {
  draft.pronoun = "other";
  return true;
}

function theSame(_: string, draft: Draft): boolean {
  draft.pronoun = "single";
  return true;
}

function vague(_: string, draft: Draft): boolean {
  draft.vague = true;
  return true;
}

/** "a container" leaves open which one; before a name, an article says nothing. */
function article(_: string, draft: Draft, { words, index }: Place): boolean {
  const hasKind = words.slice(index + 1).some(({ text }) => text in kindWords);
  if (hasKind && words.every(({ guests }) => guests.length === 0)) draft.vague = true;
  return true;
}
