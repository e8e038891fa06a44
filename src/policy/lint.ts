import { covers } from "./covers.ts";
import type { FileRule } from "./file-rule.ts";
import type { GuestList, GuestSelector } from "./guest-selector.ts";
import type { Known, PolicyDocument } from "./policy-document.ts";
import type { Who } from "./who.ts";

/** What is known of a cluster, to see whether names mean anything in it. */
export interface KnownCluster {
  readonly nodes: readonly string[];
}

/** What is valid and probably not meant as it is written: each with its path, for a person. */
export function lintPolicy(
  document: PolicyDocument,
  { tools }: Pick<Known, "tools">,
  cluster?: KnownCluster,
): string[] {
  const { rules, approvers, allowedGuests } = document;
  const warnings = rules.flatMap((rule, index) => {
    const found = [
      ...findEmpty(rule),
      ...findStrangers(rule.who, document),
      ...findNowhere(rule.guests, cluster),
    ];
    const earlier = rules
      .slice(0, index)
      .findIndex((one) => covers(one, rule, { document, tools }));
    if (earlier >= 0) found.push(`it can never match, because rules[${earlier}] decides before it`);
    return found.map((warning) => `rules[${index}]: ${warning}`);
  });
  warnings.push(...findStrangers(approvers, document).map((text) => `approvers: ${text}`));
  if (allowedGuests && isEmpty(allowedGuests)) {
    warnings.push("allowed_guests: it names no guest, so nobody may change any");
  }
  return warnings;
}

function findEmpty(rule: FileRule): string[] {
  const { who, do: actions, guests, hours } = rule;
  const never = (what: string) => `it can never match, because ${what}`;
  const emptyKeys = Object.entries(guests ?? {}).filter(([, value]) => value?.length === 0);
  return [
    ...(who && Object.values(who).flat().length === 0 ? [never("who names nobody")] : []),
    ...(actions?.length === 0 ? [never("do names nothing")] : []),
    ...(guests && Object.keys(guests).length === 0 ? [never("guests says nothing")] : []),
    ...emptyKeys.map(([key]) => never(`guests.${key} is empty`)),
    ...(hours?.days?.length === 0 ? [never("hours.days is empty")] : []),
  ];
}

/** The id of a member in Slack, who need not be listed. */
const slackMember = /^[UW][A-Z0-9]{7,}$/;

function findStrangers(who: Who | undefined, { users }: PolicyDocument): string[] {
  const ids = new Set(users.map(({ id }) => id));
  const strangers = (who?.users ?? []).filter((id) => !ids.has(id) && !slackMember.test(id));
  return strangers.map((id) => `${id} is not one of the users`);
}

function findNowhere(guests: GuestSelector | undefined, cluster?: KnownCluster): string[] {
  const unknown = (guests?.nodes ?? []).filter((node) => cluster && !cluster.nodes.includes(node));
  return unknown.map((node) => `the cluster has no node ${node}`);
}

function isEmpty({ vmids, tags, pools }: GuestList): boolean {
  return vmids.length + tags.length + pools.length === 0;
}
