import type { Decision, PolicyRequest } from "./policy.ts";
import { owns, type Principal } from "./principal.ts";
import type { Target } from "./target.ts";

/**
 * What a role may do, by tool name or by effect; the tool's own line goes first, and what has no
 * line is denied. `own` allows it for one's own request, one's own hold and one's own guest.
 */
export type RolePermissions = Readonly<Partial<Record<string, Permission>>>;
export const permissions = ["allow", "confirm", "own", "deny"] as const;
export type Permission = (typeof permissions)[number];
export type Roles = Readonly<Record<string, RolePermissions>>;

const operator: RolePermissions = {
  read: "allow",
  start_guest: "allow",
  shutdown_guest: "allow",
  reboot_guest: "allow",
  stop_guest: "confirm",
  schedule_deletion: "confirm",
  reschedule_deletion: "confirm",
  release_held_deletions: "confirm",
  restore_guest: "confirm",
  cancel_deletion: "own",
  extend_lease: "own",
  hold_guest: "own",
  release_hold: "own",
  transfer_guest: "own",
  freeze_changes: "allow",
};

/** The roles where the policy file names none: the sandbox's as well. */
export const defaultRoles: Roles = {
  viewer: { read: "allow" },
  operator,
  admin: {
    ...operator,
    cancel_deletion: "allow",
    extend_lease: "allow",
    hold_guest: "allow",
    release_hold: "confirm",
    transfer_guest: "confirm",
    release_changes: "allow",
  },
};

/** The role of whom the policy does not know: no permissions at all. */
export const nobody = "nobody";

/** What the roles say of a role and a tool; what a rule says of a target may forbid it all the same. */
export function permissionOf(
  roles: Roles,
  role: string,
  { tool, effect }: Pick<PolicyRequest, "tool" | "effect">,
): Permission {
  const own = Object.hasOwn(roles, role) ? roles[role] : undefined;
  return own?.[tool] ?? own?.[effect] ?? "deny";
}

/** Using the brake: lines of a role like tools, which no model can call and no rule is about. */
export const brakeTools = ["freeze_changes", "release_changes"] as const;
export type BrakeTool = (typeof brakeTools)[number];

/**
 * Why somebody may not use the brake; undefined when so. Only `allow` lets somebody: stopping waits
 * for no confirmation.
 */
export function objectionToBraking(
  roles: Roles,
  { name, role }: Pick<Principal, "name" | "role">,
  tool: BrakeTool,
): string | undefined {
  const may = (of: string) => Object.hasOwn(roles, of) && roles[of]?.[tool] === "allow";
  if (may(role)) return undefined;
  const able = Object.keys(roles).filter(may);
  return deniedByRole(name, role, tool, able);
}

/** What the roles decide; whoever has a role that they do not know may do nothing. */
export function decideByRole(roles: Roles, request: PolicyRequest): Decision {
  const { principal, tool } = request;
  const permission = permissionOf(roles, principal.role, request);
  if (permission === "confirm") return { kind: "confirm", by: "requester", reasons: [] };
  if (permission === "allow") return { kind: "allow" };
  if (permission === "own") {
    return ownsTarget(request) ? { kind: "allow" } : { kind: "deny", reason: notYours(request) };
  }
  const able = Object.keys(roles).filter((role) => permissionOf(roles, role, request) !== "deny");
  return { kind: "deny", reason: deniedByRole(principal.name, principal.role, tool, able) };
}

function deniedByRole(name: string, role: string, tool: string, able: readonly string[]): string {
  const who = able.length > 0 ? `The role ${able.join(" or ")} may.` : "Nobody may.";
  const has = role === nobody ? "no role" : `the role ${role}`;
  return `${name} has ${has}, which may not do this (${tool}). ${who}`;
}

/**
 * Tools that undo what another person is sure of: whose a guest is, and that it stays. They are for
 * whom that is due, and for roles with a line of their own for them; a line for an effect, or a rule
 * for other things, lets nobody.
 */
const rightfulTools = new Set(["release_hold", "transfer_guest"]);

/** Why a tool that undoes another person's word is not for this person; undefined when it is. */
export function objectionToRight(roles: Roles, request: PolicyRequest): string | undefined {
  const { principal, tool } = request;
  if (!rightfulTools.has(tool) || ownsTarget(request)) return undefined;
  const line = Object.hasOwn(roles, principal.role) ? roles[principal.role]?.[tool] : undefined;
  return line === "allow" || line === "confirm" ? undefined : notYours(request);
}

function ownsTarget({ principal, target }: PolicyRequest): boolean {
  const claims = claimsIn(target);
  return (
    claims.length > 0 &&
    claims.every(
      ({ guest, requestedBy }) => requestedBy === principal.id || owns(principal, guest?.owner),
    )
  );
}

function notYours({ principal, target }: PolicyRequest): string {
  const able = claimsIn(target).flatMap(({ guest, requestedBy }) =>
    [requestedBy, guest?.owner].filter((name) => name !== undefined),
  );
  const who = [...new Set(able), "an admin"].join(" or ");
  return (
    `${principal.name} (${principal.role}) may do this only for an own request, an own hold or an own guest. ` +
    `Ask ${who}.`
  );
}

/** By what somebody may call the target of a call the own: each request in it, and each guest. */
function claimsIn({ guest, deletion, deletions = [], hold }: Target) {
  // Whose guest it is does not matter: others may have it stay all the same.
  if (hold) return [{ guest: undefined, requestedBy: hold.requestedBy }];
  if (deletion) return [{ guest, requestedBy: deletion.requestedBy }];
  return guest ? [{ guest, requestedBy: undefined }] : deletions;
}
