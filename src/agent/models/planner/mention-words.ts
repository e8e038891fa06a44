import { isLanguage } from "./language.ts";
import type { Draft, Place } from "./mention.ts";
import { fillers, kindWords, numberWords, pluralKinds, statusWords } from "./vocabulary.ts";
import type { Word } from "./words.ts";

interface Here extends Place {
  readonly word: Word;
  /** The words beside it; empty at the ends. */
  readonly before: string;
  readonly after: string;
}

/** What a word can be, the first that fits; each answers whether it was that. */
const readers: readonly ((here: Here, draft: Draft) => boolean)[] = [
  readName,
  readQuotation,
  readNode,
  readUnlisted,
  readOwner,
  readPronoun,
  readKind,
  readQuantity,
  readStatus,
  readTag,
];

/** Reads the one word there; what is no filler either is kept as unknown. */
export function readWord(place: Place, draft: Draft): void {
  const { words, index } = place;
  const word = words[index];
  if (!word || /^(?:[()":!?.\n]|'s)$/.test(word.text)) return;
  const here = {
    ...place,
    word,
    before: words[index - 1]?.text ?? "",
    after: words[index + 1]?.text ?? "",
  };
  if (!readers.some((read) => read(here, draft)) && !isFiller(here)) draft.unknown.push(word);
}

function isFiller({ word: { text }, words }: Here): boolean {
  const verbAlone = words.length === 1 && /^(?:restart|reboot|shutdown)$/.test(text);
  return fillers.has(text) && !verbAlone;
}

function readName(here: Here, draft: Draft): boolean {
  const { text, raw, guests } = here.word;
  if (guests.length === 0) return false;
  if (isTagOfMany(here)) draft.tags.push(text);
  else if (isEndOfRange(here)) draft.vague = true;
  else draft.named.push({ said: raw.replace(/^#/, ""), guests });
  return true;
}

/** "all web containers", where a guest is called web, too. */
function isTagOfMany({ word, words, lexicon }: Here): boolean {
  const many = words.some(({ text }) => pluralKinds.has(text) || /^(?:all|every)$/.test(text));
  return many && lexicon.tag(word.text) !== undefined;
}

/** "101 to 103": what lies between them is not said. */
function isEndOfRange({ words, index, before }: Here): boolean {
  const isRange = /^(?:to|through|thru|until|till)$/.test(before);
  return isRange && (words[index - 2]?.guests.length ?? 0) > 0;
}

function readQuotation({ word }: Here, draft: Draft): boolean {
  if (word.quoted) draft.unknown.push(word);
  return word.quoted;
}

function readNode({ word: { text }, after, lexicon }: Here, draft: Draft): boolean {
  if (lexicon.nodes.has(text)) draft.nodes.push(text);
  else if (!/^nodes?$/.test(text)) return false;
  else if (!lexicon.nodes.has(after)) {
    if (text === "nodes") draft.plural = true;
    draft.noun = true;
  }
  return true;
}

/** Without an inventory, the place of a word has to say whether it is a node, an owner or a tag. */
function readUnlisted({ word, before, after, lexicon }: Here, draft: Draft): boolean {
  if (lexicon.guests || isLanguage(word.text)) return false;
  if (after === "'s") draft.owners.push(word.text);
  else if (/^(?:on|node)$/.test(before)) draft.nodes.push(word.text);
  else if (after in kindWords) draft.tags.push(word.text);
  else return false;
  return true;
}

function readOwner(here: Here, draft: Draft): boolean {
  const { word, after, lexicon } = here;
  const { text } = word;
  const ours = /^(?:my|mine)$/.test(text) || (text === "i" && /^(?:own|have|got|run)$/.test(after));
  if (ours) draft.owners.push(lexicon.self);
  else if (lexicon.owners.has(text) && isOwner(here)) draft.owners.push(text);
  else return false;
  return true;
}

function isOwner({ before, after }: Here): boolean {
  return (
    after === "'s" ||
    /^(?:of|by|to|from|for|owner|does|do|has|have|that|which)$/.test(before) ||
    /^(?:owns?|has|have|had)$/.test(after) ||
    after in kindWords
  );
}

function readPronoun({ word: { text }, words }: Here, draft: Draft): boolean {
  const possessive = /^(?:its|their)$/.test(text);
  if (possessive && draft.named.length > 0) return false;
  const alone = words.length === 1;
  if (/^(?:its?|itself)$/.test(text) || (alone && /^(?:that|this)$/.test(text)))
    draft.pronoun = "single";
  else if (!/^(?:their|them|those|these|they|themselves)$/.test(text)) return false;
  else if (!possessive && words.some((other) => other.text in kindWords)) draft.plural = true;
  else draft.pronoun = "several";
  return true;
}

function readKind({ word: { text } }: Here, draft: Draft): boolean {
  const kind = kindWords[text];
  if (!kind) return false;
  if (kind !== "any") draft.kinds.push(kind);
  draft.noun = true;
  if (pluralKinds.has(text)) draft.plural = true;
  return true;
}

function readQuantity({ word: { text }, words }: Here, draft: Draft): boolean {
  const count = numberWords[text] ?? (/^[2-9]$/.test(text) ? Number(text) : undefined);
  if (count !== undefined) draft.count = count;
  else if (!/^(?:all|every|each|any|everything|everyone|whole)$/.test(text)) return false;
  else {
    draft.everyone = true;
    if (text === "any" && isSingular(words)) draft.vague = true;
  }
  return true;
}

/** "any web server", unlike "any servers that are down": one of them, whichever. */
function isSingular(words: readonly Word[]): boolean {
  const kinds = words.filter(({ text }) => text in kindWords);
  return kinds.length > 0 && !kinds.some(({ text }) => pluralKinds.has(text));
}

function readStatus(here: Here, draft: Draft): boolean {
  const status = statusWords[here.word.text];
  if (!status || isParticle(here)) return false;
  draft.statuses.push(status);
  return true;
}

/** "up" and "on" say a state only where something before them says whose. */
function isParticle({ word: { text }, words, index, before }: Here): boolean {
  if (!/^(?:up|down|on|off|live|dead)$/.test(text)) return false;
  if (text === "on" && index < words.length - 1) return true;
  return (
    !(before in kindWords) &&
    !/^(?:is|are|currently|that|which|was|were|all|every|the|still|anything|something|everything|nothing)$/.test(
      before,
    )
  );
}

function readTag({ word: { text }, words, lexicon }: Here, draft: Draft): boolean {
  const tag = lexicon.tag(text);
  if (tag) draft.tags.push(tag);
  const isWordFor = /^(?:tags?|labels?)$/.test(text) && words.every((o) => o.guests.length === 0);
  return tag !== undefined || isWordFor;
}
