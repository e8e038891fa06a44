import type { DocumentInput } from "./document-schema.ts";
import type { FileRule } from "./file-rule.ts";
import { type GuestList, type GuestSelector, toVmidRange } from "./guest-selector.ts";
import { type Hours, toHoursOfDay, wholeDay } from "./hours.ts";
import { type LeaseRule, toDays } from "./lease-rules.ts";
import type { PolicyDocument } from "./policy-document.ts";
import type { Principal } from "./principal.ts";
import { defaultRoles } from "./roles.ts";
import type { Who } from "./who.ts";

type RuleInput = DocumentInput["rules"][number];

/**
 * A checked policy file as the policy works with it.
 *
 * @param timeZone for users and hours without a zone of their own
 */
export function toDocument(input: DocumentInput, timeZone: string): PolicyDocument {
  const { roles = defaultRoles, allowed_guests, limits, escalations } = input;
  return {
    roles,
    users: input.users.map((user) => toPrincipal(user, timeZone)),
    groups: input.groups,
    unknownUsers: input.unknown_users,
    rules: input.rules.map((rule) => toRule(rule, timeZone)),
    approvers: toWho(input.approvers),
    // Said and empty is no guest at all; only what is not said does not limit.
    ...(allowed_guests !== undefined && { allowedGuests: toGuestList(allowed_guests) }),
    deniedGuests: toGuestList(input.denied_guests),
    protectedGuests: toGuestList(input.protected),
    limits: {
      destructivePerHour: limits.destructive_per_hour,
      targetsPerRequest: limits.targets_per_request,
      openConfirmationsPerUser: limits.open_confirmations_per_user,
      messagesPerMinute: limits.messages_per_minute,
    },
    readOnly: input.read_only,
    escalations: {
      tags: escalations.tags,
      notOwner: escalations.not_owner,
      busy: escalations.busy,
      noBackup: escalations.no_backup,
      moreThan: escalations.more_than,
      notNamed: escalations.not_named,
    },
    leases: input.leases.map(toLease),
  };
}

function toLease(input: DocumentInput["leases"][number]): LeaseRule {
  const { guests, owners, default: usual, maximum, total } = input;
  return {
    ...(guests && { guests: toSelector(guests) }),
    ...(owners && { owners: toWho(owners) }),
    defaultDays: toDays(usual) ?? 1,
    ...(maximum !== undefined && { maximumDays: toDays(maximum) }),
    ...(total !== undefined && { totalDays: toDays(total) }),
  };
}

function toRule(input: RuleInput, timeZone: string): FileRule {
  const { who, guests, hours, then: verdict, ...rule } = input;
  return {
    ...rule,
    verdict,
    ...(who && { who: toWho(who) }),
    ...(guests && { guests: toSelector(guests) }),
    ...(hours && { hours: toHours(hours, timeZone) }),
  };
}

function toWho({ users = [], groups = [], roles = [] }: DocumentInput["approvers"] = {}): Who {
  return { users, groups, roles };
}

function toGuestList(input: DocumentInput["denied_guests"]): GuestList {
  const { vmids = [], tags = [], pools = [] } = input ?? {};
  return { vmids: toRanges(vmids), tags, pools };
}

function toSelector({ vmids, ...rest }: NonNullable<RuleInput["guests"]>): GuestSelector {
  return { ...rest, ...(vmids && { vmids: toRanges(vmids) }) };
}

function toRanges(vmids: readonly (string | number)[]) {
  return vmids.flatMap((vmid) => toVmidRange(vmid) ?? []);
}

function toHours(hours: NonNullable<RuleInput["hours"]>, timeZone: string): Hours {
  const said = typeof hours === "string" ? { between: hours } : hours;
  const { between = "", days, timezone = timeZone } = said;
  const hoursOfDay = toHoursOfDay(between) ?? wholeDay;
  return { ...hoursOfDay, ...(days && { days }), timeZone: timezone };
}

function toPrincipal(user: DocumentInput["users"][number], timeZone: string): Principal {
  const { id, name = id, role, owner, timezone = timeZone } = user;
  return { id, name, role, timeZone: timezone, ...(owner !== undefined && { owner }) };
}
