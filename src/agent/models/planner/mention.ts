import type { GuestLine } from "#src/agent/model.ts";
import type { Filter } from "./filters.ts";
import { isLanguage, type Lexicon } from "./lexicon.ts";
import { fillers, kindWords, numberWords, pluralKinds, statusWords } from "./vocabulary.ts";
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

interface Draft {
  kinds: ("ct" | "vm")[];
  statuses: ("running" | "stopped")[];
  nodes: string[];
  tags: string[];
  owners: string[];
  names: string[];
  named: { said: string; guests: readonly GuestLine[] }[];
  pronoun: Mention["pronoun"];
  count: number | undefined;
  everyone: boolean;
  vague: boolean;
  plural: boolean;
  noun: boolean;
  unknown: Word[];
}

/** Reads one stretch word by word. */
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
    pronoun: undefined,
    count: undefined,
    everyone: false,
    vague: false,
    plural: false,
    noun: false,
  };
  for (let index = 0; index < words.length; index++) {
    const taken = readPattern(words, index, draft, lexicon);
    if (taken === undefined) readWord(words, index, draft, lexicon);
    else index += taken;
  }
  return draft;
}

/** Descriptions of several words; answers with how many more of them it took. */
function readPattern(
  words: readonly Word[],
  index: number,
  draft: Draft,
  lexicon: Lexicon,
): number | undefined {
  const line = words
    .slice(index, index + 6)
    .map(({ text, guests }) => (guests.length > 0 ? "§" : text))
    .join(" ");
  const nameOf = (match: RegExpExecArray) => (match[1] ?? "").replace(/\*/g, "");
  const partOfName =
    /^(?:(?:names? )?(?:starting|beginning)|that starts?|that begins?|whose names? (?:starts?|begins?)) with ([\w.*-]+)/.exec(
      line,
    ) ??
    /^(?:(?:names? )?(?:containing|including)|with|have|has|having) ([\w.*-]+) in (?:the|their|its)(?: own)? names?/.exec(
      line,
    ) ??
    /^(?:whose names? (?:contains?|has)|(?:called|named) (?:something )?like|matching) ([\w.*-]+)/.exec(
      line,
    ) ??
    /^([\w.-]+\*)/.exec(line);
  if (partOfName) {
    draft.names.push(nameOf(partOfName));
    draft.plural = true;
    return partOfName[0].split(" ").length - 1;
  }
  const tagged = /^(?:tagged|labell?ed|tag|tags|label)(?: (?:with|as|is))? ([\w.-]+)/.exec(line);
  if (tagged?.[1] && !fillers.has(tagged[1])) {
    draft.tags.push(lexicon.tag(tagged[1]) ?? tagged[1]);
    return tagged[0].split(" ").length - 1;
  }
  const pronoun =
    /^(?:all of them|both of them|all of those|all of these|the (?:two|three|four) of them)/.exec(
      line,
    );
  if (pronoun) {
    draft.pronoun = "several";
    return pronoun[0].split(" ").length - 1;
  }
  const other =
    /^(?:the )?other (?:one|container|vm|guest|virtual-machine)/.exec(line) ??
    /^the other$/.exec(line);
  if (other) {
    draft.pronoun = "other";
    return other[0].split(" ").length - 1;
  }
  const one =
    /^(?:that|this|the same) (?:one|guest|container|vm|machine|server|box)(?= |$)|^the same$/.exec(
      line,
    );
  if (one) {
    draft.pronoun = "single";
    return one[0].split(" ").length - 1;
  }
  const some =
    /^(?:one of|some(?: of)?|any(?: one)? of|either|a few|most(?: of)?|half(?: of)?|a random|random|a)(?= |$)/.exec(
      line,
    );
  if (some && (some[0] !== "a" || words[index + 1]?.text !== "§")) {
    const isArticle =
      some[0] === "a" &&
      !(
        words.slice(index + 1).some(({ text }) => text in kindWords) &&
        words.every(({ guests }) => guests.length === 0)
      );
    if (!isArticle) draft.vague = true;
    return some[0].split(" ").length - 1;
  }
  return undefined;
}

function readWord(words: readonly Word[], index: number, draft: Draft, lexicon: Lexicon): void {
  const word = words[index];
  if (!word || /^[()":!?.\n]$/.test(word.text)) return;
  const { text, raw, guests } = word;
  const next = words[index + 1];
  const isTagOfMany =
    guests.length > 0 &&
    lexicon.tag(text) &&
    words.some(
      (other) => pluralKinds.has(other.text) || other.text === "all" || other.text === "every",
    );
  if (isTagOfMany) draft.tags.push(text);
  else if (guests.length > 0 && isEndOfRange(words, index)) draft.vague = true;
  else if (guests.length > 0) draft.named.push({ said: raw.replace(/^#/, ""), guests });
  else if (word.quoted) draft.unknown.push(word);
  else if (text === "'s") return;
  else if (lexicon.nodes.has(text)) draft.nodes.push(text);
  else if (!lexicon.guests && readUnlisted(words, index, draft)) return;
  else if (
    text === "my" ||
    text === "mine" ||
    (text === "i" && /^(?:own|have|got|run)$/.test(next?.text ?? ""))
  )
    draft.owners.push(lexicon.self);
  else if (lexicon.owners.has(text) && isOwner(words, index)) draft.owners.push(text);
  else if (/^(?:tags?|labels?)$/.test(text) && !words.some((other) => other.guests.length > 0))
    return;
  else if (text === "its" && draft.named.length === 0) draft.pronoun = "single";
  else if (text === "their" && draft.named.length === 0) draft.pronoun = "several";
  else if (text === "node" || text === "nodes") {
    if (!next || !lexicon.nodes.has(next.text)) {
      if (text === "nodes") draft.plural = true;
      draft.noun = true;
    }
  } else if (text in kindWords) readKind(text, draft);
  else if (/^(?:all|every|each|any|everything|everyone|whole)$/.test(text)) {
    draft.everyone = true;
    if (text === "any" && isSingular(words)) draft.vague = true;
  } else if (text === "both") draft.count = 2;
  else if (text in numberWords) draft.count = numberWords[text];
  else if (/^[2-9]$/.test(text)) draft.count = Number(text);
  else if (/^(?:it|itself)$/.test(text)) draft.pronoun = "single";
  else if (/^(?:that|this)$/.test(text) && words.length === 1) draft.pronoun = "single";
  else if (/^(?:them|those|these|they|themselves)$/.test(text)) readPlural(words, draft);
  else if (text in statusWords && !isParticle(words, index))
    draft.statuses.push(statusWords[text] ?? "running");
  else if (lexicon.tag(text)) draft.tags.push(lexicon.tag(text) ?? text);
  else if (!fillers.has(text) || (/^(?:restart|reboot|shutdown)$/.test(text) && words.length === 1))
    draft.unknown.push(word);
}

/** "101 to 103": what lies between them is not said. */
function isEndOfRange(words: readonly Word[], index: number): boolean {
  const isRange = /^(?:to|through|thru|until|till)$/.test(words[index - 1]?.text ?? "");
  return isRange && (words[index - 2]?.guests.length ?? 0) > 0;
}

/** "any web server", unlike "any servers that are down": one of them, whichever. */
function isSingular(words: readonly Word[]): boolean {
  const kinds = words.filter(({ text }) => text in kindWords);
  return kinds.length > 0 && !kinds.some(({ text }) => pluralKinds.has(text));
}

/** Without an inventory, the place of a word has to say whether it is a node, an owner or a tag. */
function readUnlisted(words: readonly Word[], index: number, draft: Draft): boolean {
  const [before, here, after] = [words[index - 1], words[index], words[index + 1]];
  if (!here || isLanguage(here.text)) return false;
  const side =
    after?.text === "'s"
      ? draft.owners
      : /^(?:on|node)$/.test(before?.text ?? "")
        ? draft.nodes
        : after && after.text in kindWords
          ? draft.tags
          : undefined;
  side?.push(here.text);
  return side !== undefined;
}

function readPlural(words: readonly Word[], draft: Draft): void {
  const noun = words.some(({ text }) => text in kindWords);
  if (noun) draft.plural = true;
  else draft.pronoun = "several";
}

/** "up" and "on" say a state only where something before them says whose. */
function isParticle(words: readonly Word[], index: number): boolean {
  const text = words[index]?.text ?? "";
  if (!/^(?:up|down|on|off|live|dead)$/.test(text)) return false;
  if (text === "on" && index < words.length - 1) return true;
  const before = words[index - 1]?.text ?? "";
  return (
    !(before in kindWords) &&
    !/^(?:is|are|currently|that|which|was|were|all|every|the|still|anything|something|everything|nothing)$/.test(
      before,
    )
  );
}

function isOwner(words: readonly Word[], index: number): boolean {
  const [before, after] = [words[index - 1]?.text ?? "", words[index + 1]?.text ?? ""];
  return (
    after === "'s" ||
    /^(?:of|by|to|from|for|owner|does|do|has|have|that|which)$/.test(before) ||
    /^(?:owns?|has|have|had)$/.test(after) ||
    after in kindWords
  );
}

function readKind(text: string, draft: Draft): void {
  const kind = kindWords[text];
  if (kind && kind !== "any") draft.kinds.push(kind);
  draft.noun = true;
  if (pluralKinds.has(text)) draft.plural = true;
}
