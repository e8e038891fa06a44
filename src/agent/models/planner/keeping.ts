import { ownerless } from "./attributes.ts";
import type { Turn } from "./conversation.ts";
import { readHoldTerms } from "./hold-terms.ts";
import type { Lexicon } from "./lexicon.ts";
import { isFilter } from "./mention.ts";
import { call, type Plan, say } from "./plan.ts";
import { withoutPoliteness } from "./politeness.ts";
import { referentsOf } from "./referents.ts";
import { asksForDeed, requestParts } from "./request-parts.ts";
import { resolveMentions } from "./resolve.ts";
import { readMentions } from "./targets.ts";
import { findTime } from "./times.ts";
import { deletionNouns } from "./vocabulary.ts";
import { mask, type Word } from "./words.ts";

/** What words about owners and holds are read with. */
export interface KeepingScene {
  readonly source: string;
  readonly earlier: readonly Turn[];
  readonly lexicon: Lexicon;
}

/** The named parts of a sentence, each as the words that it is made of. */
type Parts = Readonly<Record<string, readonly Word[]>>;

const asks = "(?:what|which|who|list|show|display|find|any|are there|how many|do we have|tell me)";
const orphans = new RegExp(
  `^(?:${asks}\\b.*)?\\b(?:orphan(?:s|ed)?|unowned|owner ?less|(?:no|without (?:an?|any)?) ?owners?|(?:owned by|belongs? to) (?:nobody|no one))\\b(?: (?:guests?|containers?|vms?|machines?))?$`,
);
const holds = new RegExp(
  `^(?:${asks}\\b.*\\b(?:on (?:legal )?hold|holds)|(?:all |the )*(?:holds|guests on hold))$`,
);
const heldGuest =
  /^(?:is|why is|who has put|since when is) (?<guest>.+?) (?:still )?on (?:legal )?hold$/d;

const example = 'For example: "hold NAME until january 10 because of an audit".';
/** The answer to a hold, its end or a new owner beside another request. */
const oneByOne =
  "I did nothing: please ask for a hold or another owner in a message of its own, and for the rest in the next one.";
const hold = "(?:legal )?holds?";
const because = "until|till|because|since|for|as|due to|so that";
const giving: readonly RegExp[] = [
  /^(?:give|transfer|hand|pass|assign|reassign)(?: over)? (?<guest>.+?)(?: over)? to (?<to>\S+)$/d,
  /^(?:make|set) (?!sure\b|certain\b)(?<to>\S+) (?:as )?(?:the )?(?:new )?owner of (?<guest>.+)$/d,
  /^(?:change|set|make) (?:the )?owner of (?<guest>.+) (?:to|as) (?<to>\S+)$/d,
  /^(?:change|set) (?<guest>.+) 's owner to (?<to>\S+)$/d,
];
const holding: readonly RegExp[] = [
  new RegExp(`^(?:put|place|set) (?<guest>.+?) on (?:a )?${hold}(?: (?<rest>.+))?$`, "d"),
  new RegExp(
    `^(?:put|place|set) (?:a |the )?${hold} on (?<guest>.+?)(?: (?<rest>(?:${because})\\b.*))?$`,
    "d",
  ),
  new RegExp(
    `^hold (?!on\\b|off\\b|back\\b|up\\b|down\\b)(?<guest>.+?)(?: (?<rest>(?:${because})\\b.*))?$`,
    "d",
  ),
];
const ending: readonly RegExp[] = [
  new RegExp(
    `^(?:release|lift|remove|end|cancel|drop|clear|undo|delete|revoke|stop) (?:the |that |this |any )?${hold} (?:on|of|from|for) (?<guest>.+)$`,
    "d",
  ),
  new RegExp(`^(?:take|lift) (?:the )?${hold} off (?<guest>.+)$`, "d"),
  new RegExp(`^take (?<guest>.+) off (?:the |its )?${hold}$`, "d"),
  new RegExp(`^(?:release|unhold) (?<guest>.+?)(?: from (?:the |its )?${hold})?$`, "d"),
];

/** "… because of an audit and then web-01": one more guest rather than a part of the reason. */
const endsWithGuest =
  /(?:\bthen(?: (?:also|the|container|vm|guest))* \S+|(?:\b(?:and|plus|also)|&)(?: (?:also|the|container|vm|guest))* [§¤])(?: (?:too|also|as well))*$/;

/**
 * "hold test-runner until january 10 because bob is on vacation", "give staging to bob", "which
 * guests have no owner?"; undefined for whatever else.
 */
export function planKeeping(said: readonly Word[], scene: KeepingScene): Plan | undefined {
  const plain = withoutPoliteness(said).words;
  const looked = planLook(withoutStops(plain), scene);
  if (looked) return looked;
  const parts = requestParts(plain);
  const plans = parts.map((part) => planChange(withoutStops(part), scene));
  return parts.length > 1 && plans.some(Boolean) ? say(oneByOne) : plans[0];
}

function withoutStops(words: readonly Word[]): readonly Word[] {
  const isEnd = (index: number) =>
    words.slice(index).every(({ text }) => /^(?:[,.!?;:\n]|and|then)$/.test(text));
  return words.filter(({ text }, index) => !/^[,.!?;:\n]$/.test(text) && !isEnd(index));
}

function planChange(words: readonly Word[], scene: KeepingScene): Plan | undefined {
  const line = words.map(mask).join(" ");
  const given = partsIn(giving, line, words);
  if (given) return planTransfer(given, scene);
  const held = partsIn(holding, line, words);
  if (held) return planHold(held, scene);
  const ended = partsIn(ending, line, words);
  return ended && planFor(ended, "release the hold on", "release_hold", {}, scene);
}

function planLook(words: readonly Word[], scene: KeepingScene): Plan | undefined {
  const line = words.map(mask).join(" ");
  if (orphans.test(line)) return { kind: "calls", calls: [call("list_guests", { owner: "none" })] };
  const guest = partsIn([heldGuest], line, words);
  if (guest) return planFor(guest, "look at", "get_guest", {}, scene);
  if (!holds.test(line) || words.some(({ text }) => isDeletion(text))) return undefined;
  const also = /^what is\b/.test(line) ? [call("list_scheduled_deletions")] : [];
  return { kind: "calls", calls: [...also, call("list_holds")] };
}

function isDeletion(text: string): boolean {
  return deletionNouns.has(text) || /^(?:delet|remov|schedul)/.test(text);
}

function partsIn(
  patterns: readonly RegExp[],
  line: string,
  words: readonly Word[],
): Parts | undefined {
  for (const pattern of patterns) {
    const groups = pattern.exec(line)?.indices?.groups;
    if (!groups) continue;
    return Object.fromEntries(
      Object.entries(groups).map(([name, range]) => [name, range ? wordsIn(range, words) : []]),
    );
  }
  return undefined;
}

/** The words that stand in this range of their line. */
function wordsIn([from, to]: [number, number], words: readonly Word[]): readonly Word[] {
  let at = 0;
  return words.filter((word) => {
    const start = at;
    at += mask(word).length + 1;
    return start >= from && start < to;
  });
}

function planTransfer(parts: Parts, scene: KeepingScene): Plan | undefined {
  const [person] = parts.to ?? [];
  // "transfer web-01 to pve2" is about a place, and nothing that can be done.
  if (!person || person.guests.length > 0 || scene.lexicon.nodes.has(person.text)) return undefined;
  return planFor(parts, "give away", "transfer_guest", { to: person.raw }, scene);
}

function planHold(parts: Parts, scene: KeepingScene): Plan | undefined {
  const { guest = [], rest = [] } = parts;
  const plan = planFor(parts, "put on hold", "hold_guest", {}, scene);
  if (plan?.kind !== "calls") return plan;
  if (asksForDeed(rest) || endsWithGuest.test(rest.map(mask).join(" "))) return say(oneByOne);
  const terms = findTime(guest, scene.source).when ? undefined : readHoldTerms(rest, scene.source);
  if (!terms) return say(`Until when should it stay? ${example}`);
  const { reason, until } = terms;
  if (reason === "") return say(`Why should it stay? ${example}`);
  const calls = plan.calls.map(({ tool, args }) =>
    call(tool, { ...args, reason, ...(until && { until }) }),
  );
  return { kind: "calls", calls };
}

/** A call for each guest that is meant; undefined where no guest is, so that it means something else. */
function planFor(
  { guest: words = [] }: Parts,
  verb: string,
  tool: string,
  args: Readonly<Record<string, string>>,
  { lexicon, earlier }: KeepingScene,
): Plan | undefined {
  const referents = referentsOf(earlier, lexicon);
  const names = words.some(({ guests, quoted }) => guests.length > 0 || quoted);
  const points =
    referents.current.length > 0 && /^(?:it|them|this|that|both)$/.test(words[0]?.text ?? "");
  const mentions = readMentions(words, lexicon);
  const { included, other } = mentions;
  const describes =
    other === ownerless ||
    (other === undefined && included.every((one) => isFilter(one) && one.unknown.length === 0));
  const mayBe = lexicon.guests === undefined || names || points || describes;
  if (!mayBe || words.some(({ text }) => isDeletion(text))) return undefined;
  const intent = { verb, destructive: false };
  const resolved = resolveMentions(mentions, lexicon, referents, intent);
  if (resolved.kind === "question") return say(resolved.text);
  if (resolved.kind === "list")
    return say(`I do not see all guests at once, so please name those to ${verb}.`);
  if (resolved.kind !== "guests") return undefined;
  return {
    kind: "calls",
    calls: resolved.references.map((guest) => call(tool, { guest, ...args })),
  };
}
