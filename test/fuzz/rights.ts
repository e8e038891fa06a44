import type { Escalations } from "#src/policy/escalations.ts";
import type { Limits } from "#src/policy/policy-document.ts";
import type { Principal } from "#src/policy/principal.ts";
import type { Roles } from "#src/policy/roles.ts";
import type { GuestRisk } from "#src/proxmox/guest-risk.ts";
import { harmful, obstacleTo, reasonsToLookAgain } from "./risk.ts";
import type { TrueGuest } from "./world.ts";

/** What each of the model's tools does, said once more: nothing here is read from the tools. */
export const effectsOfTools: Readonly<Record<string, string>> = {
  list_guests: "read",
  get_guest: "read",
  get_cluster_status: "read",
  list_scheduled_deletions: "read",
  list_restorable_guests: "read",
  list_holds: "read",
  list_leases: "read",
  search_audit_log: "read",
  preview_action: "read",
  start_guest: "reversible",
  cancel_deletion: "reversible",
  hold_guest: "reversible",
  release_hold: "reversible",
  extend_lease: "reversible",
  shutdown_guest: "disruptive",
  reboot_guest: "disruptive",
  stop_guest: "disruptive",
  transfer_guest: "disruptive",
  restore_guest: "disruptive",
  schedule_deletion: "destructive",
  reschedule_deletion: "destructive",
  release_held_deletions: "destructive",
};

/** What is about a deletion, and can be done when its guest is gone or out of reach. */
export const aboutDeletionsAlone = ["cancel_deletion", "restore_guest"];

/** What is about holds: here only what they hold up is judged. */
export const aboutHolds = ["hold_guest", "release_hold"];

/** What takes nothing from anybody, and goes on while everything is frozen. */
export const alwaysAllowed = ["cancel_deletion"];

const brakeOfOperators = { freeze_changes: "allow" } as const;
const brakeOfAdmins = { ...brakeOfOperators, release_changes: "allow" } as const;

/** The roles of a run; the last table is what a careless administrator would write. */
export const roleTables: readonly Roles[] = [
  {
    viewer: { read: "allow" },
    operator: {
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
      hold_guest: "own",
      release_hold: "own",
      transfer_guest: "own",
      ...brakeOfOperators,
    },
    admin: {
      read: "allow",
      reversible: "allow",
      disruptive: "confirm",
      destructive: "confirm",
      release_hold: "confirm",
      transfer_guest: "confirm",
      ...brakeOfAdmins,
    },
  },
  {
    viewer: { read: "allow" },
    operator: { read: "allow", reversible: "confirm", disruptive: "confirm", stop_guest: "deny" },
    admin: {
      read: "allow",
      reversible: "allow",
      disruptive: "confirm",
      destructive: "confirm",
      ...brakeOfAdmins,
    },
  },
  {
    viewer: { read: "allow" },
    operator: { read: "allow", reversible: "allow", disruptive: "confirm", destructive: "allow" },
    admin: {
      read: "allow",
      reversible: "allow",
      disruptive: "allow",
      destructive: "allow",
      ...brakeOfAdmins,
    },
  },
];

/** Who has to approve something before it is done, mildest first; `never` where nobody can. */
export const demands = ["nobody", "requester", "approver", "two-persons", "never"] as const;
export type Demand = (typeof demands)[number];

export function isMore(one: Demand, other: Demand): boolean {
  return demands.indexOf(one) > demands.indexOf(other);
}

/** Who is asked, besides or instead of whoever wants something. */
export type Others = "approver" | "two-persons";

/** Who may what in one run. */
export interface Rights {
  readonly roles: Roles;
  /** Tools for which {@link peopleOfRules} need somebody else. */
  readonly others: Readonly<Record<string, Others>>;
  readonly limits?: Limits | undefined;
  readonly escalations?: Escalations | undefined;
}

/** Those whom the rules about others concern. */
export const peopleOfRules = ["operator", "admin"];
/** Whoever has this role may approve what others ask for. */
export const approverRole = "admin";

export const rulesOfOthers: readonly Rights["others"][] = [
  {},
  {},
  { stop_guest: "approver", schedule_deletion: "two-persons", reboot_guest: "two-persons" },
  { schedule_deletion: "approver", stop_guest: "two-persons", start_guest: "approver" },
];

export const tablesOfLimits: readonly Limits[] = [
  { openConfirmationsPerUser: 1 },
  { openConfirmationsPerUser: 2, destructivePerHour: 2 },
  { destructivePerHour: 1 },
  { destructivePerHour: 1, targetsPerRequest: 1 },
  { targetsPerRequest: 2 },
];

export const tablesOfEscalations: readonly Escalations[] = [
  { busy: true, tags: ["prod"] },
  { noBackup: true, tags: ["prod"] },
  { notNamed: true },
  { moreThan: 1, notOwner: true },
  { tags: ["prod"], notOwner: true },
  { tags: ["prod"], notOwner: true, busy: true, noBackup: true, moreThan: 2, notNamed: true },
];

/** As whom somebody approves. */
export type Seat = "requester" | "approver";

/** Whose approvals a question takes. */
export function seatsOf(demand: Demand): readonly Seat[] {
  if (demand === "two-persons") return ["requester", "approver"];
  return demand === "requester" || demand === "approver" ? [demand] : [];
}

export interface Request {
  readonly tool: string;
  readonly person: Principal;
  /** The guest as it was when it was last looked at; absent where it could not be. */
  readonly guest?: Readonly<TrueGuest> | undefined;
  /** Who asked for the deletion that the call is about. */
  readonly requestedBy?: string | undefined;
  /** What was found out about the guest; nothing where nobody has looked. */
  readonly risk?: GuestRisk | undefined;
  /** Whether the person's own words name the guest; absent where that cannot be told. */
  readonly isNamed?: boolean | undefined;
  /** How many guests the whole request is about, as far as is known. */
  readonly guests: number;
}

/** Whether what such a tool puts at risk is to be looked at before it is decided. */
export function isLookedInto(tool: string): boolean {
  return harmful.includes(effectOf(tool));
}

function effectOf(tool: string): string {
  return effectsOfTools[tool] ?? "unknown";
}

/** What it takes to have something done, as people understand these rights. */
export function demandOf(rights: Rights, request: Request): Demand {
  if (obstacleTo(request, effectOf(request.tool)) !== undefined) return "never";
  const { limits = {}, escalations = {} } = rights;
  if (request.guests > (limits.targetsPerRequest ?? Infinity)) return "never";
  const reasons = reasonsToLookAgain(escalations, request, effectOf(request.tool));
  const byReasons = reasons === 0 ? "nobody" : reasons === 1 ? "requester" : "two-persons";
  const byRights = demandByRights(rights, request);
  return isMore(byReasons, byRights) ? byReasons : byRights;
}

function demandByRights({ roles, others }: Rights, request: Request): Demand {
  const { tool, person, guest, requestedBy } = request;
  const other = others[tool];
  if (other && peopleOfRules.includes(person.role)) return other;
  const effect = effectOf(tool);
  const lines = Object.hasOwn(roles, person.role) ? roles[person.role] : undefined;
  const line = lines?.[tool] ?? lines?.[effect] ?? "deny";
  if (line === "deny") return "never";
  if (line === "own") {
    return requestedBy === person.id || guest?.owner === person.id ? "nobody" : "never";
  }
  const isOwn = guest?.owner === person.id;
  if (tool === "transfer_guest" && !isOwn && lines?.[tool] === undefined) return "never";
  const isAlwaysAsked =
    effect === "destructive" || tool === "restore_guest" || tool === "transfer_guest";
  return line === "confirm" || isAlwaysAsked ? "requester" : "nobody";
}

/** Whether somebody may stop everything, or let it go on. */
export function mayBrake({ roles }: Rights, { role }: Principal, what: "freeze" | "release") {
  const lines = Object.hasOwn(roles, role) ? roles[role] : undefined;
  return lines?.[`${what}_changes`] === "allow";
}
