import type { Escalations } from "./escalations.ts";
import type { FileRule, Verdict } from "./file-rule.ts";
import type { GuestList, GuestSelector, VmidRange } from "./guest-selector.ts";
import type { Hours } from "./hours.ts";
import { describeTerms, type LeaseRule } from "./lease-rules.ts";
import type { Limits, PolicyDocument } from "./policy-document.ts";
import type { Principal } from "./principal.ts";
import { protectedTag } from "./protection.ts";
import { isAmong } from "./who.ts";

/** More rules than these are counted. */
const maxRules = 8;
/** More names of one list are counted. */
const maxNames = 12;

/**
 * What a policy says besides the roles, as far as it concerns one person: in lines, most important
 * first. What the file names stands in them as it is, so whoever shows them escapes them.
 */
export function describePolicyFor(
  document: PolicyDocument,
  principal: Principal,
): readonly string[] {
  const { readOnly, approvers, allowedGuests, deniedGuests, protectedGuests } = document;
  const { limits, escalations, leases } = document;
  const isProtected = { ...protectedGuests, tags: [protectedTag, ...protectedGuests.tags] };
  return [
    ...(readOnly ? ["Nothing may be changed at the moment (read_only)."] : []),
    ...(isAmong(approvers, principal) === true ? ["You may approve what others ask for."] : []),
    ...describeRules(document.rules, principal),
    ...(allowedGuests ? [`Only these may be changed: ${listed(allowedGuests)}.`] : []),
    ...(isEmpty(deniedGuests) ? [] : [`Never changed: ${listed(deniedGuests)}.`]),
    `Never deleted: ${listed(isProtected)}.`,
    ...describeLimits(limits),
    ...describeEscalations(escalations),
    ...leases.map(describeLease),
  ];
}

function describeRules(rules: readonly FileRule[], principal: Principal): readonly string[] {
  const own = rules.filter(({ who }) => !who || isAmong(who, principal) !== false);
  const shown = own.slice(0, maxRules).map(describeRule);
  const more = own.length - shown.length;
  return [...shown, ...(more > 0 ? [`… and ${more} more rules.`] : [])];
}

const verdictWords: Readonly<Record<Verdict, string>> = {
  allow: "at once",
  confirm: "once you have confirmed it",
  "confirm-by-approver": "once an approver has confirmed it",
  "two-persons": "once you and an approver have confirmed it",
  deny: "not",
};

function describeRule({ do: acts, guests, hours, verdict, because }: FileRule): string {
  const what = acts
    ? some(acts.map((act) => act.replaceAll("_", " ")))
    : "whatever changes something";
  const which = guests ? `, for guests of ${describeSelector(guests)}` : "";
  const when = hours ? `, ${describeHours(hours)}` : "";
  return `${what}${which}${when}: ${verdictWords[verdict]}.${because === undefined ? "" : ` ${because}`}`;
}

const ownerWords: Readonly<Partial<Record<string, string>>> = {
  self: "your own",
  other: "somebody else's",
  none: "nobody's",
};

function describeSelector({ owner, vmids, tags, pools, nodes }: GuestSelector): string {
  const parts = [
    ...(owner === undefined ? [] : [ownerWords[owner] ?? `owner ${owner}`]),
    ...(nodes ? [`nodes ${some(nodes)}`] : []),
    ...namesOf({ vmids, tags, pools }),
  ];
  return parts.join(" and ") || "none";
}

function listed(list: GuestList): string {
  return isEmpty(list) ? "none" : namesOf(list).join(", or ");
}

function namesOf({ tags, pools, vmids }: Pick<GuestSelector, "tags" | "pools" | "vmids">) {
  const parts: readonly (readonly [string, readonly string[] | undefined])[] = [
    ["tags", tags],
    ["pools", pools],
    ["VMIDs", vmids?.map(describeRange)],
  ];
  return parts.flatMap(([what, names]) => (names?.length ? [`${what} ${some(names)}`] : []));
}

function isEmpty({ tags, pools, vmids }: GuestList): boolean {
  return tags.length + pools.length + vmids.length === 0;
}

function describeRange({ from, to }: VmidRange): string {
  return from === to ? String(from) : `${from}-${to}`;
}

function describeHours({ from, to, days, timeZone }: Hours): string {
  const clock = (minutes: number) =>
    [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, "0")).join(":");
  return `${clock(from)}-${clock(to)}${days ? ` on ${days.join(", ")}` : ""} (${timeZone})`;
}

function describeLimits(limits: Limits): readonly string[] {
  const { destructivePerHour, targetsPerRequest, openConfirmationsPerUser } = limits;
  const { messagesPerMinute } = limits;
  const parts = [
    ...(destructivePerHour === undefined
      ? []
      : [`${destructivePerHour} destructive acts an hour of all people together`]),
    ...(targetsPerRequest === undefined ? [] : [`${targetsPerRequest} guests a request`]),
    ...(openConfirmationsPerUser === undefined
      ? []
      : [`${openConfirmationsPerUser} open questions of your own`]),
    ...(messagesPerMinute === undefined ? [] : [`${messagesPerMinute} messages a minute in Slack`]),
  ];
  return parts.length > 0 ? [`At most: ${parts.join(", ")}.`] : [];
}

function describeEscalations(escalations: Escalations): readonly string[] {
  const { tags = [], notOwner, busy, noBackup, moreThan, notNamed } = escalations;
  const reasons = [
    ...(tags.length > 0 ? [`the guest has a tag of ${some(tags)}`] : []),
    ...(notOwner ? ["it is not your own"] : []),
    ...(busy ? ["it is being used"] : []),
    ...(noBackup ? ["it has no backup"] : []),
    ...(moreThan === undefined ? [] : [`there are more than ${moreThan} guests`]),
    ...(notNamed ? ["your own words do not name it"] : []),
  ];
  if (reasons.length === 0) return [];
  return [
    `You are asked first where ${reasons.join(", or ")}; where two of these hold, an approver is, too.`,
  ];
}

function describeLease({ guests, owners, ...terms }: LeaseRule): string {
  const whose = owners ? " of some owners" : "";
  const which = guests ? `Guests of ${describeSelector(guests)}` : "All guests";
  return `${which}${whose} live under a lease: ${describeTerms(terms)}.`;
}

function some(names: readonly string[]): string {
  const more = names.length - maxNames;
  const shown = names.slice(0, maxNames).join(", ");
  return more > 0 ? `${shown} and ${more} more` : shown;
}
