import type { GuestLine } from "#src/agent/model.ts";
import { hasDimension, matching } from "./filters.ts";
import type { Lexicon } from "./lexicon.ts";
import type { Mention } from "./mention.ts";
import { bullets, type Question, question } from "./questions.ts";
import type { Referents } from "./referents.ts";
import { certain, type Resolved } from "./resolved.ts";

/** What the guests are looked for. */
export interface Purpose {
  /** The verb in words, for questions: "delete". */
  readonly verb: string;
  readonly destructive: boolean;
}

/** "all test containers on pve3": the guests that fit, where it is certain how many are meant. */
export function describedGuests(
  mention: Mention,
  lexicon: Lexicon,
  referents: Referents,
  purpose: Purpose & { readonly hasExceptions: boolean },
): Resolved {
  const vague = tooWide(mention, purpose);
  if (vague) return vague;
  if (!lexicon.guests) return { kind: "list", filter: mention };
  const fitting = fittingGuests(lexicon.guests, mention);
  if (fitting.length === 0) return question("No guest fits that description. Which one is meant?");
  const miscounted = otherCount(mention, fitting);
  if (miscounted) return miscounted;
  const several = mention.everyone || mention.plural || mention.count !== undefined;
  if (several || fitting.length === 1) return certain(fitting, lexicon);
  const spokenOf = matching(referents.current, mention);
  return spokenOf.length === 1
    ? certain(spokenOf, lexicon)
    : question(`Which one do you mean?\n${bullets(fitting)}`);
}

/** "except the stopped ones": all that fit are left out, which may be none. */
export function exceptedGuests(mention: Mention, lexicon: Lexicon): Resolved {
  if (!lexicon.guests) return { kind: "list", filter: mention };
  const fitting = fittingGuests(lexicon.guests, mention);
  if (fitting.length === 0) return { kind: "nothing" };
  return otherCount(mention, fitting) ?? certain(fitting, lexicon);
}

/** Descriptions that stand for too much to act on: all there is, or a node instead of guests. */
function tooWide(
  mention: Mention,
  { verb, destructive, hasExceptions }: Purpose & { readonly hasExceptions: boolean },
): Question | undefined {
  const onlyKind = mention.kinds.length > 0 && !hasDimension({ ...mention, kinds: [] });
  const everyOfKind = destructive && onlyKind && mention.everyone && !hasExceptions;
  if (!hasDimension(mention) || everyOfKind) {
    const which =
      mention.everyone || mention.plural
        ? "That would be every guest there is, which I do not do at once."
        : `Which guest should I ${verb}?`;
    return question(`${which} Please name the guests, or say a node, a tag, an owner or a state.`);
  }
  if (!isPlace(mention)) return undefined;
  return question(
    `I look after guests, not nodes. Which guests on ${mention.nodes.join(" and ")} are meant?`,
  );
}

/** "reboot pve3", "the pve3 server": a node itself, whatever runs there. */
function isPlace(mention: Mention): boolean {
  const onlyNode = mention.nodes.length > 0 && !hasDimension({ ...mention, nodes: [] });
  return onlyNode && !mention.everyone && !mention.plural && mention.count === undefined;
}

/** Templates are meant only where they are asked for. */
function fittingGuests(guests: readonly GuestLine[], mention: Mention): readonly GuestLine[] {
  const asksForTemplates = mention.tags.some((tag) => /template/.test(tag));
  return matching(guests, mention).filter(
    ({ tags }) => asksForTemplates || !tags.includes("template"),
  );
}

function otherCount({ count }: Mention, fitting: readonly GuestLine[]): Question | undefined {
  if (count === undefined || count === fitting.length) return undefined;
  return question(
    `${fitting.length} guests fit that, not ${count}. Which ones are meant?\n${bullets(fitting)}`,
  );
}
