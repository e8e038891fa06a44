import type { GuestLine } from "#src/agent/model.ts";
import { isLanguage, type Lexicon } from "./lexicon.ts";
import {
  exceptWords,
  fillers,
  kindWords,
  numberWords,
  pluralKinds,
  statusWords,
} from "./vocabulary.ts";
import type { Word } from "./words.ts";

/** Which guests a description fits; an empty list leaves that side open. */
export interface Filter {
  readonly kinds: readonly ("ct" | "vm")[];
  readonly statuses: readonly ("running" | "stopped")[];
  readonly nodes: readonly string[];
  readonly tags: readonly string[];
  readonly owners: readonly string[];
  readonly names: readonly string[];
}

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

export interface Mentions {
  readonly included: readonly Mention[];
  readonly excluded: readonly Mention[];
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
        (text === "not" && words[index - 1]?.text !== "do") ||
        ((text === "other" || text === "rather") && words[index + 1]?.text === "than") ||
        (text === "apart" && words[index + 1]?.text === "from") ||
        (text === "instead" && words[index + 1]?.text === "of")),
  );
  const cut = except < 0 ? words.length : except;
  return {
    included: mergeFilters(segments(words.slice(0, cut)).map((part) => readMention(part, lexicon))),
    excluded: segments(
      words
        .slice(cut)
        .filter(
          ({ text }) =>
            !/^(?:not|than|other|rather|apart|from|of|for|instead|but)$/.test(text) &&
            !exceptWords.has(text),
        ),
    ).map((part) => readMention(part, lexicon)),
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

function readMention(words: readonly Word[], lexicon: Lexicon): Mention {
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
    /^(?:starting|beginning|that starts?|that begins?|whose names? (?:starts?|begins?)) with ([\w.*-]+)/.exec(
      line,
    ) ??
    /^(?:names? (?:containing|including)|containing|with) ([\w.*-]+) in (?:the|their|its) names?/.exec(
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
  return !/^(?:is|are|currently|that|which|was|were|all|every|the|still)$/.test(
    words[index - 1]?.text ?? "",
  );
}

function isOwner(words: readonly Word[], index: number): boolean {
  const [before, after] = [words[index - 1]?.text ?? "", words[index + 1]?.text ?? ""];
  return (
    after === "'s" ||
    /^(?:of|by|to|from|for|owner|does|do|that|which)$/.test(before) ||
    /^(?:owns?|has|have|had)$/.test(after)
  );
}

function readKind(text: string, draft: Draft): void {
  const kind = kindWords[text];
  if (kind && kind !== "any") draft.kinds.push(kind);
  draft.noun = true;
  if (pluralKinds.has(text)) draft.plural = true;
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

/** Describes guests instead of naming them. */
export function isFilter(mention: Mention): boolean {
  return (
    mention.named.length === 0 &&
    !mention.pronoun &&
    (hasDimension(mention) || mention.noun || mention.everyone)
  );
}

/** Whether anything narrows the description down. */
export function hasDimension({ kinds, statuses, nodes, tags, owners, names }: Filter): boolean {
  return [kinds, statuses, nodes, tags, owners, names].some((side) => side.length > 0);
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

/** The guests that the description fits. */
export function matching(guests: readonly GuestLine[], filter: Filter): readonly GuestLine[] {
  const any = <T>(wanted: readonly T[], fits: (one: T) => boolean) =>
    wanted.length === 0 || wanted.some(fits);
  return guests.filter(
    (guest) =>
      any(filter.kinds, (kind) => guest.kind === kind) &&
      any(filter.statuses, (status) => guest.status === status) &&
      any(filter.nodes, (node) => guest.node.toLowerCase() === node) &&
      any(filter.tags, (tag) => guest.tags.some((own) => own.toLowerCase() === tag)) &&
      any(filter.owners, (owner) => guest.owner?.toLowerCase() === owner) &&
      any(filter.names, (name) => guest.name?.toLowerCase().includes(name) ?? false),
  );
}
