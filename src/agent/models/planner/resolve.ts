import type { GuestLine } from "#src/agent/model.ts";
import { unique } from "./conversation.ts";
import { hasDimension, matching } from "./filters.ts";
import { isLanguage, type Lexicon } from "./lexicon.ts";
import { isFilter, type Mention } from "./mention.ts";
import {
  ambiguous,
  bullets,
  contradiction,
  noSuchGuest,
  type Question,
  question,
  quoted,
} from "./questions.ts";
import type { Mentions } from "./targets.ts";
import type { Word } from "./words.ts";

/** The guests that earlier words were about, for "it", "them" and "the other one". */
export interface Referents {
  readonly current: readonly GuestLine[];
  readonly other: readonly GuestLine[];
}

/** Which guests a request means, or the question that has to be asked first. */
export type Resolved =
  | {
      readonly kind: "guests";
      readonly references: readonly string[];
      readonly guests: readonly GuestLine[];
    }
  /** The inventory is not at hand, so these guests have to be listed first. */
  | { readonly kind: "list"; readonly filter: Mention }
  | Question
  | { readonly kind: "nothing" };

interface Purpose {
  /** The verb in words, for questions: "delete". */
  readonly verb: string;
  readonly destructive: boolean;
}

/** Finds the guests that the mentions mean; whatever is not certain becomes a question. */
export function resolveMentions(
  { included, excluded }: Mentions,
  lexicon: Lexicon,
  referents: Referents,
  purpose: Purpose,
): Resolved {
  const problem =
    unknownWords(included, lexicon, purpose) ?? unknownWords(excluded, lexicon, purpose);
  if (problem) return problem;
  const unsure = excluded.find(isUnsureWhere);
  if (unsure) {
    return question(
      `It is not clear what belongs to the exception. Please say which guests to ${purpose.verb}.`,
    );
  }
  const kept = excluded.map((mention) =>
    guestsOf(mention, lexicon, referents, { ...purpose, keeping: true }),
  );
  const wanted = included.map((mention) =>
    guestsOf(mention, lexicon, referents, {
      ...purpose,
      keeping: false,
      excepted: excluded.length > 0,
    }),
  );
  const open = [...kept, ...wanted].find(({ kind }) => kind !== "guests" && kind !== "nothing");
  if (open) return open;

  const left = new Set(
    kept.flatMap((part) => (part.kind === "guests" ? part.guests.map(({ vmid }) => vmid) : [])),
  );
  const references = wanted.flatMap((part) => (part.kind === "guests" ? part.references : []));
  const guests = unique(wanted.flatMap((part) => (part.kind === "guests" ? part.guests : [])));
  const chosen = guests.filter(({ vmid }) => !left.has(vmid));
  if (guests.length > 0 && chosen.length === 0)
    return question(`That leaves no guest to ${purpose.verb}. Which one is meant?`);
  if (references.length === 0) return { kind: "nothing" };
  const counted = included.find(({ named, count }) => named.length > 0 && count !== undefined);
  if (counted && counted.count !== guests.length) {
    return question(`You say ${counted.count}, and name ${guests.length}. Which ones are meant?`);
  }
  const withoutKept = references.filter(
    (reference) => !lexicon.find(reference).some(({ vmid }) => left.has(vmid)),
  );
  return { kind: "guests", references: [...new Set(withoutKept)], guests: chosen };
}

/** "all containers but pihole on pve1": the node may be meant for all of them. */
function isUnsureWhere(mention: Mention): boolean {
  const unique =
    mention.named.length > 0 && mention.named.every(({ guests }) => guests.length === 1);
  return unique && hasDimension(mention);
}

function unknownWords(
  mentions: readonly Mention[],
  lexicon: Lexicon,
  { verb }: Purpose,
): Resolved | undefined {
  for (const mention of mentions) {
    const [first] = mention.unknown.filter((word) => !isPartOfName(word, mention));
    if (!first) continue;
    if (passesThrough(mention, lexicon)) continue;
    const said = quoted(mention.unknown.map(({ raw }) => raw).join(" "));
    if (mention.named.length > 0 || hasDimension(mention) || mention.pronoun) {
      return question(
        `I do not understand ${said} there, so I did nothing. Please say only what to ${verb}, and which guest.`,
      );
    }
    return noSuchGuest(
      mention.unknown.map(({ raw }) => raw),
      lexicon,
    );
  }
  return undefined;
}

/** "the gaming VM (201)": a part of the name beside what names the guest exactly. */
function isPartOfName({ text, quoted }: Word, { named }: Mention): boolean {
  const parts = (name = "") => name.toLowerCase().split(/[^a-z0-9]+/);
  return (
    !quoted &&
    named.length > 0 &&
    named.every(({ guests }) => guests.every(({ name }) => parts(name).includes(text)))
  );
}

/** Without an inventory, a single word that can only be a name or a VMID goes to the tool as it is. */
function passesThrough({ unknown, named }: Mention, lexicon: Lexicon): boolean {
  return (
    lexicon.guests === undefined &&
    unknown.length === 1 &&
    named.length === 0 &&
    !isLanguage(unknown[0]?.text ?? "")
  );
}

function guestsOf(
  mention: Mention,
  lexicon: Lexicon,
  referents: Referents,
  purpose: Purpose & { readonly keeping: boolean; readonly excepted?: boolean },
): Resolved {
  if (mention.vague)
    return question(`Which guest exactly should I ${purpose.verb}? I do not pick one myself.`);
  if (mention.pronoun) return fromPronoun(mention, referents, lexicon);
  if (mention.named.length > 0) return fromNames(mention, lexicon);
  const [unknown] = mention.unknown;
  if (unknown) return { kind: "guests", references: [unknown.raw.replace(/^#/, "")], guests: [] };
  if (mention.count !== undefined && !hasDimension(mention) && !mention.everyone)
    return fromCount(mention, referents, lexicon);
  if (!isFilter(mention)) return { kind: "nothing" };
  return fromFilter(mention, lexicon, referents, purpose);
}

function fromPronoun(
  { pronoun, kinds }: Mention,
  { current, other }: Referents,
  lexicon: Lexicon,
): Resolved {
  const meant =
    pronoun === "other"
      ? other.filter(({ kind }) => kinds.length === 0 || kinds.includes(kind))
      : current;
  if (meant.length === 0) return question("Which guest do you mean?");
  if (pronoun !== "several" && meant.length > 1)
    return question(`Which one do you mean?\n${bullets(meant)}`);
  return certain(meant, lexicon);
}

function fromCount({ count, kinds }: Mention, { current }: Referents, lexicon: Lexicon): Resolved {
  const meant = current.filter(({ kind }) => kinds.length === 0 || kinds.includes(kind));
  return meant.length === count
    ? certain(meant, lexicon)
    : question(`Which ${count} guests do you mean?`);
}

function fromNames(mention: Mention, lexicon: Lexicon): Resolved {
  const guests: GuestLine[] = [];
  for (const { said, guests: candidates } of apposed(mention)) {
    const fitting = fittingNamed(candidates, mention);
    const [only] = fitting;
    if (!only) return contradiction(said, candidates);
    const several = mention.named.length === 1 && mention.count === fitting.length;
    if (fitting.length > 1 && !several) return ambiguous(said, fitting);
    guests.push(...fitting);
  }
  if (
    guests.length > 1 &&
    !mention.plural &&
    guests.some(({ name, vmid }) => !/[\d-]/.test(name ?? `${vmid}`))
  ) {
    return question(
      `Do you mean all of these?\n${bullets(guests)}\nPlease separate them with a comma or "and".`,
    );
  }
  const byOwnName = mention.named.every(({ guests: candidates }) => candidates.length === 1);
  return byOwnName && mention.named.length === guests.length
    ? {
        kind: "guests",
        guests,
        references: mention.named.map(({ said, guests: [guest] }) => asSaid(said, guest, lexicon)),
      }
    : certain(guests, lexicon);
}

/** Kind, node and owner have to be right; a state only helps to tell two of one name apart. */
function fittingNamed(candidates: readonly GuestLine[], mention: Mention): readonly GuestLine[] {
  const fitting = matching(candidates, { ...mention, tags: [], statuses: [], names: [] });
  const narrowed = matching(fitting, { ...mention, names: [] });
  return fitting.length > 1 && narrowed.length > 0 ? narrowed : fitting;
}

/** "web-02 (102)": a name and a VMID of the same guest are one mention of it. */
function apposed({ named }: Mention): Mention["named"] {
  const [first, second] = named;
  if (named.length !== 2 || !first || !second) return named;
  const common = first.guests.filter((guest) =>
    second.guests.some(({ vmid }) => vmid === guest.vmid),
  );
  const mixed = /^\d+$/.test(first.said) !== /^\d+$/.test(second.said);
  if (!mixed) return named;
  return [
    { said: first.said, guests: common.length > 0 ? common : [...first.guests, ...second.guests] },
  ];
}

function fromFilter(
  mention: Mention,
  lexicon: Lexicon,
  referents: Referents,
  purpose: Purpose & { readonly keeping: boolean; readonly excepted?: boolean },
): Resolved {
  const { verb, destructive, keeping, excepted } = purpose;
  const onlyKind = mention.kinds.length > 0 && !hasDimension({ ...mention, kinds: [] });
  if (
    !keeping &&
    (!hasDimension(mention) || (destructive && onlyKind && mention.everyone && !excepted))
  ) {
    const which =
      mention.everyone || mention.plural
        ? "That would be every guest there is, which I do not do at once."
        : `Which guest should I ${verb}?`;
    return question(`${which} Please name the guests, or say a node, a tag, an owner or a state.`);
  }
  if (!keeping && isPlace(mention))
    return question(
      `I look after guests, not nodes. Which guests on ${mention.nodes.join(" and ")} are meant?`,
    );
  if (!lexicon.guests) return { kind: "list", filter: mention };
  const asksForTemplates = mention.tags.some((tag) => /template/.test(tag));
  const fitting = matching(lexicon.guests, mention).filter(
    ({ tags }) => asksForTemplates || !tags.includes("template"),
  );
  if (fitting.length === 0)
    return keeping
      ? { kind: "nothing" }
      : question("No guest fits that description. Which one is meant?");
  const several = keeping || mention.everyone || mention.plural || mention.count === fitting.length;
  if (mention.count !== undefined && mention.count !== fitting.length) {
    return question(
      `${fitting.length} guests fit that, not ${mention.count}. Which ones are meant?\n${bullets(fitting)}`,
    );
  }
  const spokenOf = matching(referents.current, mention);
  if (fitting.length > 1 && !several && spokenOf.length === 1) return certain(spokenOf, lexicon);
  if (fitting.length > 1 && !several)
    return question(`Which one do you mean?\n${bullets(fitting)}`);
  return certain(fitting, lexicon);
}

/** "reboot pve3", "the pve3 server": a node itself, whatever runs there. */
function isPlace(mention: Mention): boolean {
  const onlyNode = mention.nodes.length > 0 && !hasDimension({ ...mention, nodes: [] });
  return onlyNode && !mention.everyone && !mention.plural && mention.count === undefined;
}

function certain(guests: readonly GuestLine[], lexicon: Lexicon): Resolved {
  return { kind: "guests", guests, references: guests.map((guest) => referenceTo(guest, lexicon)) };
}

/** The guest's name where that names it and nothing else, otherwise its VMID. */
export function referenceTo({ vmid, name }: GuestLine, lexicon: Lexicon): string {
  const plain =
    name !== undefined &&
    /^[\w.-]+$/.test(name) &&
    !/^\d+$/.test(name) &&
    !isLanguage(name.toLowerCase());
  return plain && lexicon.find(name).length === 1 ? name : `${vmid}`;
}

function asSaid(said: string, guest: GuestLine | undefined, lexicon: Lexicon): string {
  if (!guest) return said;
  return said === `${guest.vmid}` ? said : referenceTo(guest, lexicon);
}
