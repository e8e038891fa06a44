import type { Decision, PolicyRequest, Rule } from "./policy.ts";
import { owns } from "./principal.ts";
import { type GuestTarget, guestsIn, type Target } from "./target.ts";

/**
 * What a role may do, by tool name or by effect; the tool's own line goes first, and what has no
 * line is denied. `own` allows it for one's own request and for one's own guest.
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
};

/** The roles where the policy file names none: the sandbox's as well. */
export const defaultRoles: Roles = {
  viewer: { read: "allow" },
  operator,
  admin: { ...operator, cancel_deletion: "allow" },
};

/** The rules for what people ask for; what is destructive is never done without being confirmed. */
export function createRules(roles: Roles): readonly Rule[] {
  return [denyByRole(roles), refuseUndeletable, decideByRole(roles)];
}

/** The steps of a deletion that lead to the loss of its guest. */
const stepsOfDeletion = new Set([
  "shut_down_before_deletion",
  "cut_power_before_deletion",
  "back_up_before_deletion",
  "delete_guest",
]);

/**
 * The rules for carrying out a deletion that a person confirmed: nothing but that, not on a guest
 * that has become undeletable since, and not for somebody who may not ask for it any more.
 *
 * @param mayStillDelete whether the policy still lets this person schedule deletions
 */
export function createDeletionRules(
  mayStillDelete: (personId: string) => boolean,
): readonly Rule[] {
  return [
    // Also what comes before: nobody shuts a guest down that cannot be deleted in the end.
    refuseObstacle,
    ({ tool, principal }) =>
      stepsOfDeletion.has(tool) && !mayStillDelete(principal.id)
        ? { kind: "deny", reason: `${principal.name} may not delete guests any more.` }
        : undefined,
    ({ target }) => (target.deletion ? { kind: "allow" } : undefined),
  ];
}

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

function denyByRole(roles: Roles): Rule {
  return (request) => {
    const { principal, tool } = request;
    const permission = permissionOf(roles, principal.role, request);
    if (permission === "own" && !ownsTarget(request))
      return { kind: "deny", reason: notYours(request) };
    if (permission !== "deny") return undefined;

    const able = Object.keys(roles).filter((role) => permissionOf(roles, role, request) !== "deny");
    const who = able.length > 0 ? `The role ${able.join(" or ")} may.` : "Nobody may.";
    const role = principal.role === nobody ? "no role" : `the role ${principal.role}`;
    return {
      kind: "deny",
      reason: `${principal.name} has ${role}, which may not do this (${tool}). ${who}`,
    };
  };
}

function decideByRole(roles: Roles): Rule {
  return (request) => {
    const permission = permissionOf(roles, request.principal.role, request);
    if (permission === "deny") return undefined;
    const needsPerson = permission === "confirm" || request.effect === "destructive";
    return { kind: needsPerson ? "confirm" : "allow" };
  };
}

function ownsTarget({ principal, target }: PolicyRequest): boolean {
  return requestsIn(target).every(
    ({ guest, requestedBy }) => requestedBy === principal.id || owns(principal, guest?.owner),
  );
}

function notYours({ principal, target }: PolicyRequest): string {
  const able = requestsIn(target).flatMap(({ guest, requestedBy }) => [
    requestedBy,
    ...(guest?.owner ? [guest.owner] : []),
  ]);
  return (
    `${principal.name} (${principal.role}) may do this only for an own request or an own guest. ` +
    `Ask ${[...new Set(able)].join(" or ")}, or an admin.`
  );
}

/** The deletions that a call acts on, each with its guest. */
function requestsIn({ guest, deletion, deletions = [] }: Target) {
  return deletion ? [{ guest, requestedBy: deletion.requestedBy }] : deletions;
}

/** What the tags, the configuration or the cluster say must not be deleted is not deleted. */
function refuseUndeletable(request: PolicyRequest): Decision | undefined {
  return request.effect === "destructive" ? refuseObstacle(request) : undefined;
}

function refuseObstacle({ target }: PolicyRequest): Decision | undefined {
  const objections = guestsIn(target).flatMap((guest) => {
    const obstacle = obstacleToDeletion(guest);
    return obstacle ? `${guest.name} (VMID ${guest.vmid}) cannot be deleted: ${obstacle}.` : [];
  });
  return objections.length > 0 ? { kind: "deny", reason: objections.join(" ") } : undefined;
}

function obstacleToDeletion(guest: GuestTarget): string | undefined {
  if (guest.protection) return "its protection flag is set in Proxmox";
  if (guest.tags.includes("protected")) return "it has the tag protected";
  if (guest.template) return "it is a template";
  if (guest.haManaged) return "it is managed by HA";
  if (guest.lock) return `it is locked (${guest.lock})`;
  return undefined;
}
