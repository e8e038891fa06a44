import { covers, coversLease } from "./covers.ts";
import type { FileRule } from "./file-rule.ts";
import type { GuestList, GuestSelector } from "./guest-selector.ts";
import type { LeaseRule } from "./lease-rules.ts";
import type { Known, PolicyDocument } from "./policy-document.ts";
import type { RolePermissions } from "./roles.ts";
import { isAlwaysConfirmed } from "./safeguards.ts";
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
  const { roles, rules, approvers, allowedGuests, leases } = document;
  const warnings = rules.flatMap((rule, index) => {
    const found = [
      ...findEmpty(rule),
      ...findStrangers(rule.who, document),
      ...findNowhere(rule.guests, cluster),
      ...findNotAtOnce(rule.verdict === "allow" ? rule.do : [], tools),
    ];
    const earlier = rules
      .slice(0, index)
      .findIndex((one) => covers(one, rule, { document, tools }));
    if (earlier >= 0) found.push(never(`rules[${earlier}] decides before it`));
    return found.map((warning) => `rules[${index}]: ${warning}`);
  });
  for (const [index, lease] of leases.entries()) {
    const found = lintLease(lease, leases.slice(0, index), document, cluster);
    warnings.push(...found.map((warning) => `leases[${index}]: ${warning}`));
  }
  for (const [role, permissions] of Object.entries(roles)) {
    const found = findNotAtOnce(namesAllowed(permissions), tools);
    warnings.push(...found.map((warning) => `roles.${role}: ${warning}`));
  }
  warnings.push(...findStrangers(approvers, document).map((text) => `approvers: ${text}`));
  if (allowedGuests && isEmpty(allowedGuests)) {
    warnings.push("allowed_guests: it names no guest, so nobody may change any");
  }
  return warnings;
}

function lintLease(
  lease: LeaseRule,
  before: readonly LeaseRule[],
  document: PolicyDocument,
  cluster?: KnownCluster,
): string[] {
  const { guests, owners } = lease;
  const earlier = before.findIndex((one) => coversLease(one, lease, document));
  return [
    ...(owners && isNobody(owners) ? [never("owners names nobody")] : []),
    ...findEmptyGuests(guests),
    ...findStrangers(owners, document),
    ...findNowhere(guests, cluster),
    ...(earlier < 0 ? [] : [never(`leases[${earlier}] decides before it`)]),
  ];
}

const never = (why: string) => `it can never match, because ${why}`;

const isNobody = (who: Who) => Object.values(who).flat().length === 0;

function findEmpty(rule: FileRule): string[] {
  const { who, do: actions, guests, hours } = rule;
  return [
    ...(who && isNobody(who) ? [never("who names nobody")] : []),
    ...(actions?.length === 0 ? [never("do names nothing")] : []),
    ...findEmptyGuests(guests),
    ...(hours?.days?.length === 0 ? [never("hours.days is empty")] : []),
  ];
}

function findEmptyGuests(guests: GuestSelector | undefined): string[] {
  if (guests && Object.keys(guests).length === 0) return [never("guests says nothing")];
  const emptyKeys = Object.entries(guests ?? {}).filter(([, value]) => value?.length === 0);
  return emptyKeys.map(([key]) => never(`guests.${key} is empty`));
}

/** The id of a member in Slack, who need not be listed. */
const slackMember = /^[UW][A-Z0-9]{7,}$/;

function findStrangers(who: Who | undefined, { users }: PolicyDocument): string[] {
  const ids = new Set(users.map(({ id }) => id));
  const strangers = (who?.users ?? []).filter((id) => !ids.has(id) && !slackMember.test(id));
  return strangers.map((id) => `${id} is not one of the users`);
}

function namesAllowed(permissions: RolePermissions): readonly string[] {
  return Object.keys(permissions).filter((name) => permissions[name] === "allow");
}

/** What is allowed by its name, and waits for a confirmation all the same. */
function findNotAtOnce(names: readonly string[] | undefined, tools: Known["tools"]): string[] {
  const effectOf = (tool: string) => tools.find(({ name }) => name === tool)?.effect;
  const confirmed = (names ?? []).filter(
    (tool) => tool === "destructive" || isAlwaysConfirmed({ tool, effect: effectOf(tool) }),
  );
  if (confirmed.length === 0) return [];
  return [`allow is no more than confirm for ${confirmed.join(", ")}, which people always confirm`];
}

function findNowhere(guests: GuestSelector | undefined, cluster?: KnownCluster): string[] {
  const unknown = (guests?.nodes ?? []).filter((node) => cluster && !cluster.nodes.includes(node));
  return unknown.map((node) => `the cluster has no node ${node}`);
}

function isEmpty({ vmids, tags, pools }: GuestList): boolean {
  return vmids.length + tags.length + pools.length === 0;
}
