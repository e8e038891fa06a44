import { isLanguage } from "./language.ts";
import type { Lexicon } from "./lexicon.ts";
import { exceptWords, kindWords, numberWords } from "./vocabulary.ts";
import { masked, type Word } from "./words.ts";

const set = (text: string) => new Set(text.split(/[\s,]+/));

/** What belongs to a guest and is none. */
const attributes =
  set(`tag tags label labels owner owners ownership name names hostname hostnames node
  pool pools note notes description comment comments lock locks snapshot snapshots backup backups disk
  disks drive drives volume volumes storage network networks nic nics interface interfaces ip ips
  address addresses bridge vlan memory ram swap cpu cpus core cores protection status config
  configuration settings option options id vmid number password passwords user users firewall
  permission permissions role quota limit limits logs log`);
/** What means a deed or a time in other places, and here only something else than the guest. */
const otherThings = set("request plan schedule use trigger issue time moment minute second sec");
/** What may stand before "of web-02" and still leaves the guest the object: "do a clean … of web-02". */
const light =
  set(`the a an please pls plz kindly just now gracefully graceful cleanly clean properly
  nicely safely softly gently quickly fast again also too as well then finally back go
  ahead i we you want wants need needs like would could can will to be get have make sure give do
  perform let me really actually is are should must has so ok okay right quick immediate proper
  complete full fresh out away simply carefully initiate execute asap urgently permanently entirely
  completely , . ! ? ( ) :`);
const articles = set("the a an this that its their my our his her same");
const relations = set("of from off on onto for to in into inside within at by with");
/** Lead to what a guest is described by: "with the tag web", "on node pve1". */
const describing = set("with by of under from on at in whose having has have for is");
const everyone = set("all both each every any everything everyone whole it them those these they");
/** After "web-02's": the guest itself. */
const itself = /^(?:container|ct|lxc|vm|virtual-machine|guest|machine|server|box|instance)$/;
const places = set("cluster proxmox node nodes pve datacenter here service");

/** What stands in place of guests that were to be found by their having no owner. */
export const ownerless = "no owner";
const withoutOwner =
  /\b(?:orphan(?:s|ed)?|unowned|owner-?less|(?:no|without(?: an?| any| the)?) (?:known )?owners?|(?:nobody|no one) owns|(?:owned by|belong(?:s|ing)? to|of) (?:nobody|no one))\b/;

/** "all orphans", "guests without an owner". */
export function saysOwnerless(words: readonly Word[]): boolean {
  return withoutOwner.test(masked(words));
}

/**
 * What is said in place of a guest in one stretch of a request: the "owner" of "remove the owner of
 * web-02", the "prod" of "remove prod from web-02". Undefined where the guests themselves are meant.
 */
export function inPlaceOfGuest(said: readonly Word[], lexicon: Lexicon): string | undefined {
  const words = said.map((word, at) =>
    mayBeName(said, at, lexicon) ? { ...word, quoted: true } : word,
  );
  for (const index of words.keys()) {
    const thing =
      belonging(words, index) ?? object(words, index) ?? membership(words, index, lexicon);
    if (thing) return (attributeIn(words) ?? thing).raw;
  }
  return undefined;
}

/** The sentence about something that belongs to a guest; undefined for whatever else. */
export function aboutAttribute(said: string): string | undefined {
  const text = said.toLowerCase();
  if (text === ownerless)
    return 'I did nothing, since I only list the guests that have no owner: say "list guests without an owner", and then name the ones that you mean.';
  if (!attributes.has(text)) return undefined;
  if (/^owner/.test(text))
    return 'I did nothing, since all that I can do about an owner is to change it: say "give GUEST to NAME".';
  return `I cannot change the ${text} of a guest, so I did nothing: I can start, shut down, restart, hold, give away or delete the guest itself.`;
}

/** A guest that is misspelt, or in no inventory here, stands where one of the inventory would. */
function mayBeName(words: readonly Word[], index: number, lexicon: Lexicon): boolean {
  const [before, word, after] = [words[index - 1], words[index], words[index + 1]];
  const text = word?.text ?? "";
  const { guests, nodes, owners } = lexicon;
  if (!/[a-z].*[\d-]/.test(text) || isLanguage(text) || attributes.has(text)) return false;
  if (guests) return !nodes.has(text) && !owners.has(text) && lexicon.tag(text) === undefined;
  const isPlace = /^(?:on|node|from|in)$/.test(before?.text ?? "");
  return !isPlace && after?.text !== "'s" && !((after?.text ?? "") in kindWords);
}

function attributeIn(words: readonly Word[]): Word | undefined {
  return words.find((word) => attributes.has(plain(word)));
}

function isNamed({ quoted, guests }: Word): boolean {
  return quoted || guests.length > 0;
}

/** The word as a part of the language; empty for names. */
function plain({ text, quoted, guests }: Word): string {
  return quoted || guests.length > 0 ? "" : text;
}

/** The "owner" of "web-02's owner", "web-02 owner" and "its owner". */
function belonging(words: readonly Word[], index: number): Word | undefined {
  const word = words[index];
  const next = words[index + 1];
  if (!word || !next) return undefined;
  if (isNamed(word) && next.text === "'s") {
    const owned = words[index + 2];
    return owned && !isLight(owned) && !itself.test(plain(owned)) ? owned : undefined;
  }
  const owns = isNamed(word) || /^(?:its|their)$/.test(plain(word));
  const isThing = attributes.has(plain(next)) || otherThings.has(plain(next));
  return owns && isThing ? next : undefined;
}

/** The words before "of web-02" or "from all containers", where they are no guests; or an attribute by itself. */
function object(words: readonly Word[], index: number): Word | undefined {
  const word = words[index];
  if (!word) return undefined;
  const text = plain(word);
  if (attributes.has(text) && !describes(words, index)) return word;
  if (otherThings.has(text) && standsForGuest(words, index)) return word;
  if (!relations.has(text)) return undefined;
  const head = words.slice(index + 1).find((next) => !articles.has(plain(next)));
  if (!head || !isGuest(head)) return undefined;
  const before = words.slice(0, index).filter((other, at) => !isLight(other) && !asks(words, at));
  const [first] = before;
  if (!first) return text === "from" && isNamed(head) && !isExcept(words, index) ? word : undefined;
  if (isNamed(head) && text === "of" && before.every(isQuantity)) return undefined;
  if (!isNamed(head) && before.some(isGuest)) return undefined;
  if (text === "to" && before.some((other) => isNamed(other))) return undefined;
  return before.at(-1);
}

/** "delete schedule web-02", "web-01 and the schedule". */
function standsForGuest(words: readonly Word[], index: number): boolean {
  const before = words.slice(0, index);
  const next = words[index + 1];
  const ends = !next || isNamed(next) || /^(?:of|off|from)$/.test(plain(next));
  return ends && before.every((other) => articles.has(plain(other)));
}

/** "request you to", "trigger a … of", "that you": asks for the deed, and is none of its objects. */
function asks(words: readonly Word[], index: number): boolean {
  const pair = words
    .slice(index, index + 2)
    .map(plain)
    .join(" ");
  return /^(?:(?:request|trigger|issue|schedule|plan) (?:you|an?)|that you)$/.test(pair);
}

function isExcept(words: readonly Word[], index: number): boolean {
  return words[index - 1]?.text === "apart";
}

/** "with the tag web", "on node pve1", "vmid 102": says which guest, as only "it" and a value can. */
function describes(words: readonly Word[], index: number): boolean {
  const text = plain(words[index] as Word);
  const next = words[index + 1];
  if (/^(?:id|vmid|number)$/.test(text)) return next !== undefined && /^#?\d/.test(next.text);
  const lead = words.slice(0, index).findLast((other) => !articles.has(plain(other)));
  if (text === "node" && !(next && isNamed(next) && lead === undefined)) return true;
  if (!next || isLight(next)) return false;
  return lead !== undefined && (describing.has(plain(lead)) || isKind(lead));
}

/** "web-02 from the group": where it would be taken out of. */
function membership(words: readonly Word[], index: number, lexicon: Lexicon): Word | undefined {
  const word = words[index];
  if (!word || !/^(?:from|off)$/.test(plain(word)) || isExcept(words, index)) return undefined;
  if (!words.slice(0, index).some((other) => isNamed(other))) return undefined;
  const from = words.slice(index + 1).find((next) => !articles.has(plain(next)) && !isLight(next));
  if (!from) return undefined;
  const isPlace = places.has(from.text) || lexicon.nodes.has(from.text) || /^pve/.test(from.text);
  return isPlace ? undefined : from;
}

function isLight(word: Word): boolean {
  return light.has(plain(word)) || (!isNamed(word) && exceptWords.has(plain(word)));
}

function isKind(word: Word): boolean {
  const text = plain(word);
  return text === "everything" || text in kindWords;
}

function isQuantity(word: Word): boolean {
  const text = plain(word);
  return everyone.has(text) || text in numberWords;
}

function isGuest(word: Word): boolean {
  return isNamed(word) || isKind(word) || isQuantity(word);
}
