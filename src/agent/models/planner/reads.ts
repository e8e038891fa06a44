import { asksToKnow } from "./asks-to-know.ts";
import { hasDimension, matching } from "./filters.ts";
import type { Lexicon } from "./lexicon.ts";
import type { Mention } from "./mention.ts";
import { call, helpText, type Plan, type PlannedCall, say } from "./plan.ts";
import { noSuchGuest } from "./questions.ts";
import type { Referents } from "./referents.ts";
import { resolveMentions } from "./resolve.ts";
import { readMentions } from "./targets.ts";
import { findTime } from "./times.ts";
import { mask, type Word } from "./words.ts";

const aboutDeletions =
  /\b(?:schedul\w+|deletions?|held|on hold|(?:be|being|get|gets|getting) (?:\w+ )?(?:deleted|removed|destroyed|nuked|trashed)|(?:up|due|planned|marked|pending|queued|slated|set|waiting) (?:for|to be) (?:deletion|removal|deleted|removed)|pending|calendar|planned|agenda|upcoming|on the chopping block|going away|will .*(?:delete|go away|disappear))\b/;
const aboutRestores =
  /\b(?:restor\w+|recover\w*|undelet\w*|restore|(?:bring|brought|get) back|(?:was|were|have been|has been|been|got) (?:recently |already |just )?(?:deleted|removed|destroyed))\b/;
const aboutCluster =
  /\b(?:cluster|quorum|quorate|nodes|node|hypervisors?|datacenter|data center|version|everything|all good|health|healthy|proxmox|pve|things|load|overview|system|status)\b/;
const aboutGuests =
  /\b(?:list|everything|guests?|containers?|cts?|lxcs?|vms?|virtual-machines?|machines?|servers?|instances?|boxes|inventory|what is (?:running|up|on|off|down|stopped)|running|stopped|who|which|what|mine|my|how many|ls)\b/;

const isAboutList =
  /\b(?:list|everything|guests?|containers?|cts?|lxcs?|vms?|machines?|servers?|running|stopped|mine|ls)\b/;
const unsure = `I am not sure what you mean, so I did nothing. ${helpText}`;

/** What to look up for a question; no call of it changes anything. */
export function planRead(
  words: readonly Word[],
  source: string,
  lexicon: Lexicon,
  referents: Referents,
): Plan {
  const line = words.map(mask).join(" ");
  const asks = asksToKnow(words);
  if (aboutRestores.test(line)) return { kind: "calls", calls: [call("list_restorable_guests")] };
  if (aboutDeletions.test(line))
    return { kind: "calls", calls: [call("list_scheduled_deletions")] };

  const { included } = readMentions(withoutQuestion(findTime(words, source).rest), lexicon);
  const unclear = included.flatMap(({ unknown }) => unknown);
  if (
    !asks &&
    unclear.length > 0 &&
    lexicon.guests &&
    included.some((mention) => mention.named.length > 0 || hasDimension(mention))
  ) {
    return say(
      `I do not understand "${unclear
        .map(({ raw }) => raw)
        .join(" ")
        .slice(0, 60)}" there, so I did nothing. ${helpText}`,
    );
  }
  const guests = namedGuests(included, lexicon, referents);
  if (guests) return guests;
  const filters = included.filter((mention) => hasDimension(mention));
  if (isAboutNodes(line, included, filters))
    return { kind: "calls", calls: [call("get_cluster_status")] };
  if (filters.length > 0) return { kind: "calls", calls: filters.flatMap(listCalls) };
  return isAboutCluster(line)
    ? { kind: "calls", calls: [call("get_cluster_status")] }
    : everyGuest(line, included, lexicon);
}

/** "how is pve1?", "are all nodes up?", unlike "what runs on pve1?". */
function isAboutNodes(
  line: string,
  included: readonly Mention[],
  filters: readonly Mention[],
): boolean {
  const oneNode =
    filters.length === 1 &&
    onlyNode(filters[0]) &&
    /^(?:how|is)\b|\b(?:node|cpu|memory|load|status|uptime|healthy|ok)\b/.test(line) &&
    !/\b(?:many|what|which|any|list|running on|containers?|vms?|guests?)\b/.test(line);
  const guestsOnNodes = included.some(
    (mention) =>
      hasDimension({ ...mention, statuses: [], nodes: [] }) ||
      ((mention.everyone || mention.noun) && mention.nodes.length > 0),
  );
  return oneNode || (/\bnodes?\b/.test(line) && !guestsOnNodes);
}

function isAboutCluster(line: string): boolean {
  return (
    aboutCluster.test(line) &&
    !/^(?:please )?(?:list|show|ls|display)\b.*\b(?:everything|all)\b/.test(line) &&
    !/\b(?:guests?|containers?|vms?|machines?|servers?)\b/.test(line)
  );
}

/** All guests there are, unless a name stands in the question that nobody has. */
function everyGuest(line: string, included: readonly Mention[], lexicon: Lexicon): Plan {
  const unknown = included.find((mention) => mention.unknown.length > 0 && !mention.noun);
  const strange = unknown?.unknown.filter(({ text }) => looksLikeName(text)) ?? [];
  if (strange.length > 0) {
    const names = strange.map(({ raw }) => raw);
    return say(noSuchGuest(names, lexicon).text);
  }
  if (unknown && lexicon.guests && !isAboutList.test(line)) return say(unsure);
  return aboutGuests.test(line) ? { kind: "calls", calls: [call("list_guests")] } : say(unsure);
}

function namedGuests(
  mentions: readonly Mention[],
  lexicon: Lexicon,
  referents: Referents,
): Plan | undefined {
  const several = mentions.filter(
    ({ pronoun, kinds, statuses }) => pronoun === "several" && kinds.length + statuses.length > 0,
  );
  const narrowed = several.flatMap((mention) => matching(referents.current, mention));
  if (narrowed.length > 8) return { kind: "calls", calls: several.flatMap(listCalls) };
  if (narrowed.length > 0) {
    const calls = narrowed.map(({ vmid }) => call("get_guest", { guest: `${vmid}` }));
    return { kind: "calls", calls };
  }
  const named = mentions
    .filter(({ named, pronoun }) => named.length > 0 || pronoun)
    .filter(({ named, pronoun }) => named.length > 0 || (pronoun && referents.current.length > 0))
    .map((mention) => ({
      ...mention,
      unknown: [],
      statuses: [],
      tags: [],
      vague: false,
      owners: mention.kinds.length + mention.nodes.length > 0 ? [] : mention.owners,
    }));
  if (named.length === 0) return passedThrough(mentions, lexicon);
  const resolved = resolveMentions({ included: named, excluded: [] }, lexicon, referents, {
    verb: "look at",
    destructive: false,
  });
  if (resolved.kind === "question") return say(resolved.text);
  if (resolved.kind !== "guests") return undefined;
  return {
    kind: "calls",
    calls: resolved.references.slice(0, 8).map((guest) => call("get_guest", { guest })),
  };
}

/** Without an inventory, what can only be a name is looked up as it was written. */
function passedThrough(mentions: readonly Mention[], lexicon: Lexicon): Plan | undefined {
  if (lexicon.guests) return undefined;
  const names = mentions
    .flatMap(({ unknown }) => unknown)
    .filter(({ text }) => looksLikeName(text) || /^\d{3,}$/.test(text));
  if (names.length === 0) return undefined;
  return {
    kind: "calls",
    calls: names.slice(0, 8).map(({ raw }) => call("get_guest", { guest: raw })),
  };
}

function looksLikeName(text: string): boolean {
  return /[\d-]/.test(text) && !/^\d{1,2}$/.test(text);
}

function onlyNode(mention: Mention | undefined): boolean {
  return (
    mention !== undefined &&
    mention.nodes.length > 0 &&
    !mention.everyone &&
    !mention.noun &&
    !hasDimension({ ...mention, nodes: [], statuses: [] })
  );
}

/** `list_guests` takes one value a side, so two nodes are two calls. */
export function listCalls(mention: Mention): readonly PlannedCall[] {
  const both = new Set(mention.kinds).size > 1 ? [] : mention.kinds;
  const sides = {
    node: mention.nodes,
    status: new Set(mention.statuses).size > 1 ? [] : mention.statuses,
    kind: both,
    tag: mention.tags,
    owner: mention.tags.length > 0 ? [] : mention.owners,
    name: mention.names,
  };
  let variants: Record<string, string>[] = [{}];
  for (const [side, values] of Object.entries(sides)) {
    const distinct = [...new Set(values)];
    if (distinct.length > 0)
      variants = variants.flatMap((args) => distinct.map((value) => ({ ...args, [side]: value })));
  }
  return variants.slice(0, 6).map((args) => call("list_guests", args));
}

const questionWords =
  /^(?:what|which|who|whom|when|where|why|how|does|do|did|was|were|list|show|tell|display|many|much|check|find|count|describe|see|know|if|whether|status|state|ip|ips|address|addresses|memory|ram|cpu|disk|disks|uptime|info|information|details|overview|summary|usage|used|size|sizes|load|belong|belongs|health|doing|going|things|look|view|been|am|not|doc|since|look|into|running\?)$/;

function withoutQuestion(words: readonly Word[]): readonly Word[] {
  return words.filter(
    ({ text, guests, quoted }) => guests.length > 0 || quoted || !questionWords.test(text),
  );
}
