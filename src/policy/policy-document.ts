import { findContradictions } from "./contradictions.ts";
import { documentSchema, roleNamesOf } from "./document-schema.ts";
import type { Escalations } from "./escalations.ts";
import type { FileRule } from "./file-rule.ts";
import type { GuestList } from "./guest-selector.ts";
import type { LeaseRule } from "./lease-rules.ts";
import { mistakesError } from "./mistakes.ts";
import type { Effect } from "./policy.ts";
import { createPrincipals, type GroupRole, type Principal, type Principals } from "./principal.ts";
import { defaultRoles, nobody, type Roles } from "./roles.ts";
import { toDocument } from "./to-document.ts";
import { noOne, type Who } from "./who.ts";

/** Who may do what, as the policy file says it. */
export interface PolicyDocument {
  readonly roles: Roles;
  readonly users: readonly Principal[];
  /** Roles of whole groups of Slack, the one that counts most first. */
  readonly groups: readonly GroupRole[];
  /** The role of somebody whom the file does not name. */
  readonly unknownUsers: string;
  readonly rules: readonly FileRule[];
  /** Who may confirm what others ask for. */
  readonly approvers: Who;
  /** The only guests that may be changed; absent where all may. */
  readonly allowedGuests?: GuestList | undefined;
  readonly deniedGuests: GuestList;
  /** Guests that are never deleted, besides those with {@link protectedTag}. */
  readonly protectedGuests: GuestList;
  readonly limits: Limits;
  readonly readOnly: boolean;
  readonly escalations: Escalations;
  /** How long guests may live; of several that fit, the first one counts. */
  readonly leases: readonly LeaseRule[];
}

export interface Limits {
  /** Of all people together. */
  readonly destructivePerHour?: number | undefined;
  readonly targetsPerRequest?: number | undefined;
  readonly openConfirmationsPerUser?: number | undefined;
  /** Of one person, in Slack. */
  readonly messagesPerMinute?: number | undefined;
}

/** What a policy file is read against. */
export interface Known {
  /** What the model can call. */
  readonly tools: readonly { readonly name: string; readonly effect: Effect }[];
  /** For users and hours without a zone of their own. */
  readonly timeZone: string;
}

export const noGuests: GuestList = { vmids: [], tags: [], pools: [] };

/** The simplest policy: roles decide, and nobody is named. */
export const simplestPolicy: PolicyDocument = {
  roles: defaultRoles,
  users: [],
  groups: [],
  unknownUsers: nobody,
  rules: [],
  approvers: noOne,
  deniedGuests: noGuests,
  protectedGuests: noGuests,
  limits: {},
  readOnly: false,
  escalations: {},
  leases: [],
};

/**
 * Checks a parsed policy file. A file that is wrong anywhere is refused as a whole: a policy is
 * never half in force. What lists of guests name in files of their own is still to be added.
 *
 * @throws PublicError that lists every mistake at once.
 */
export function parsePolicyDocument(raw: unknown, { tools, timeZone }: Known): PolicyDocument {
  const names = tools.map(({ name }) => name);
  const parsed = documentSchema(names, roleNamesOf(raw)).safeParse(raw);
  const mistakes = [...(parsed.error?.issues ?? []), ...findContradictions(raw)];
  if (!parsed.success || mistakes.length > 0) {
    throw mistakesError("The policy file is not valid:", mistakes);
  }
  return toDocument(parsed.data, timeZone);
}

/** The people that a document names. */
export function principalsOf(document: PolicyDocument, timeZone: string): Principals {
  const { users, groups, rules, approvers, unknownUsers } = document;
  const inRules = rules.flatMap(({ who }) => who?.groups ?? []);
  const groupIds = new Set([...approvers.groups, ...inRules]);
  return createPrincipals(users, { role: unknownUsers, timeZone }, groups, [...groupIds]);
}
