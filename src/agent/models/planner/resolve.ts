import { aboutAttribute } from "./attributes.ts";
import { unique } from "./conversation.ts";
import { hasDimension } from "./filters.ts";
import { isLanguage } from "./language.ts";
import type { Lexicon } from "./lexicon.ts";
import { isFilter, type Mention } from "./mention.ts";
import { noSuchGuest, type Question, question, quoted } from "./questions.ts";
import type { Referents } from "./referents.ts";
import { describedGuests, exceptedGuests, type Purpose } from "./resolve-description.ts";
import { namedGuests } from "./resolve-names.ts";
import { countedGuests, guestsSpokenOf } from "./resolve-referents.ts";
import type { Resolved } from "./resolved.ts";
import type { Mentions } from "./targets.ts";
import type { Word } from "./words.ts";

/** Finds the guests that the mentions mean; whatever is not certain becomes a question. */
export function resolveMentions(
  { included, excluded, other }: Mentions,
  lexicon: Lexicon,
  referents: Referents,
  purpose: Purpose,
): Resolved {
  const problem =
    otherThing(other, purpose) ??
    unknownWords(included, lexicon, purpose) ??
    unknownWords(excluded, lexicon, purpose) ??
    unsureException(excluded, purpose);
  if (problem) return problem;
  const find = (mention: Mention, described: () => Resolved) =>
    guestsOf(mention, lexicon, referents, purpose, described);
  const kept = excluded.map((mention) => find(mention, () => exceptedGuests(mention, lexicon)));
  const hasExceptions = excluded.length > 0;
  const wanted = included.map((mention) =>
    find(mention, () =>
      describedGuests(mention, lexicon, referents, { ...purpose, hasExceptions }),
    ),
  );
  const open = [...kept, ...wanted].find(({ kind }) => kind !== "guests" && kind !== "nothing");
  if (open) return open;
  const all = together(wanted);
  return miscounted(included, all) ?? without(all, together(kept), lexicon, purpose);
}

/** Something that is no guest, such as the tag of one: nothing is done to the guest instead. */
function otherThing(said: string | undefined, { verb }: Purpose): Question | undefined {
  if (said === undefined) return undefined;
  return question(aboutAttribute(said) ?? notUnderstood(quoted(said), verb));
}

function notUnderstood(said: string, verb: string): string {
  return `I do not understand ${said} there, so I did nothing. Please say only what to ${verb}, and which guest.`;
}

type Guests = Extract<Resolved, { kind: "guests" }>;

function together(parts: readonly Resolved[]): Guests {
  const found = parts.filter((part) => part.kind === "guests");
  return {
    kind: "guests",
    references: [...new Set(found.flatMap(({ references }) => references))],
    guests: unique(found.flatMap(({ guests }) => guests)),
  };
}

function without(all: Guests, kept: Guests, lexicon: Lexicon, { verb }: Purpose): Resolved {
  if (all.references.length === 0) return { kind: "nothing" };
  const left = new Set(kept.guests.map(({ vmid }) => vmid));
  const guests = all.guests.filter(({ vmid }) => !left.has(vmid));
  if (all.guests.length > 0 && guests.length === 0)
    return question(`That leaves no guest to ${verb}. Which one is meant?`);
  const references = all.references.filter(
    (reference) => !lexicon.find(reference).some(({ vmid }) => left.has(vmid)),
  );
  return { kind: "guests", references, guests };
}

/** "both web-01, web-02 and dev-bob": another number than was said. */
function miscounted(included: readonly Mention[], { guests }: Guests): Question | undefined {
  const counted = included.find(({ named, count }) => named.length > 0 && count !== undefined);
  if (!counted || counted.count === guests.length) return undefined;
  return question(`You say ${counted.count}, and name ${guests.length}. Which ones are meant?`);
}

/** "all containers but pihole on pve1": the node may be meant for all of them. */
function unsureException(excluded: readonly Mention[], { verb }: Purpose): Question | undefined {
  const unsure = excluded.some(
    (mention) =>
      mention.named.length > 0 &&
      mention.named.every(({ guests }) => guests.length === 1) &&
      hasDimension(mention),
  );
  if (!unsure) return undefined;
  return question(
    `It is not clear what belongs to the exception. Please say which guests to ${verb}.`,
  );
}

function unknownWords(
  mentions: readonly Mention[],
  lexicon: Lexicon,
  { verb }: Purpose,
): Question | undefined {
  for (const mention of mentions) {
    const isClear = mention.unknown.every((word) => isPartOfName(word, mention));
    if (isClear || passesThrough(mention, lexicon)) continue;
    const said = quoted(mention.unknown.map(({ raw }) => raw).join(" "));
    if (mention.named.length > 0 || hasDimension(mention) || mention.pronoun) {
      return question(notUnderstood(said, verb));
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

/** The guests of one mention; `described` is asked where it describes them instead of naming any. */
function guestsOf(
  mention: Mention,
  lexicon: Lexicon,
  referents: Referents,
  { verb }: Purpose,
  described: () => Resolved,
): Resolved {
  if (mention.vague)
    return question(`Which guest exactly should I ${verb}? I do not pick one myself.`);
  if (mention.pronoun) return guestsSpokenOf(mention, referents, lexicon);
  if (mention.named.length > 0) return namedGuests(mention, lexicon);
  const [unknown] = mention.unknown;
  if (unknown && hasDimension({ ...mention, kinds: [] }))
    return question(
      `I do not see all guests at once, so I cannot check what you say of it. Please name it only: which guest should I ${verb}?`,
    );
  if (unknown) return { kind: "guests", references: [unknown.raw.replace(/^#/, "")], guests: [] };
  if (mention.count !== undefined && !hasDimension(mention) && !mention.everyone)
    return countedGuests(mention, referents, lexicon);
  return isFilter(mention) ? described() : { kind: "nothing" };
}
