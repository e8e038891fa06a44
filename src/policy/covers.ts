import type { FileRule } from "./file-rule.ts";
import type { GuestSelector, VmidRange } from "./guest-selector.ts";
import type { Hours } from "./hours.ts";
import type { LeaseRule } from "./lease-rules.ts";
import { effects } from "./policy.ts";
import type { Known, PolicyDocument } from "./policy-document.ts";
import type { Who } from "./who.ts";

interface Context {
  readonly document: PolicyDocument;
  readonly tools: Known["tools"];
}

/** Whether a rule matches everything that another one does, as far as the rules themselves say. */
export function covers(one: FileRule, other: FileRule, context: Context): boolean {
  return (
    coversWho(one, other, context.document) &&
    coversActions(one.do, other.do, context.tools) &&
    coversGuests(one.guests, other.guests) &&
    coversHours(one.hours, other.hours)
  );
}

/** Whether a lease's rule fits all guests that another one does. */
export function coversLease(one: LeaseRule, other: LeaseRule, document: PolicyDocument): boolean {
  return (
    includesWho(one.owners, other.owners, document) &&
    (one.guests === undefined || coversGuests(one.guests, other.guests))
  );
}

function coversWho(
  { who: one, verdict }: FileRule,
  { who: other }: FileRule,
  document: PolicyDocument,
): boolean {
  // Of whom nobody knows the groups, a rule that allows does not take them for its own.
  if (one && verdict === "allow" && other && other.groups.length > 0) return false;
  return includesWho(one, other, document);
}

function includesWho(one: Who | undefined, other: Who | undefined, { users }: PolicyDocument) {
  if (!one || !other) return !one;
  const roleOf = (id: string) => users.find((user) => user.id === id)?.role ?? "";
  return (
    other.users.every((id) => one.users.includes(id) || one.roles.includes(roleOf(id))) &&
    includesAll(one.groups, other.groups) &&
    includesAll(one.roles, other.roles)
  );
}

function coversActions(
  one: readonly string[] | undefined,
  other: readonly string[] | undefined,
  tools: Known["tools"],
): boolean {
  const changes = effects.filter((effect) => effect !== "read");
  const wide = one ?? changes;
  const effectOf = (action: string) => tools.find(({ name }) => name === action)?.effect ?? "";
  return (other ?? changes).every(
    (action) => wide.includes(action) || wide.includes(effectOf(action)),
  );
}

function coversGuests(one: GuestSelector | undefined, other: GuestSelector | undefined): boolean {
  if (!one || !other) return !one;
  const isWider = {
    vmids: !one.vmids || (other.vmids?.every((range) => containsRange(one.vmids, range)) ?? false),
    tags: !one.tags || (other.tags !== undefined && includesAll(one.tags, other.tags)),
    pools: !one.pools || (other.pools !== undefined && includesAll(one.pools, other.pools)),
    nodes: !one.nodes || (other.nodes !== undefined && includesAll(one.nodes, other.nodes)),
    owner: one.owner === undefined || one.owner === other.owner,
  };
  // A selector that says nothing selects nothing.
  return Object.keys(one).length > 0 && Object.values(isWider).every(Boolean);
}

function coversHours(one: Hours | undefined, other: Hours | undefined): boolean {
  return !one || JSON.stringify(one) === JSON.stringify(other);
}

function containsRange(ranges: readonly VmidRange[] = [], { from, to }: VmidRange): boolean {
  return ranges.some((range) => range.from <= from && to <= range.to);
}

function includesAll(wide: readonly string[], narrow: readonly string[]): boolean {
  return narrow.every((name) => wide.includes(name));
}
