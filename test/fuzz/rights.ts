import type { Principal } from "#src/policy/principal.ts";
import type { Roles } from "#src/policy/roles.ts";
import type { TrueGuest } from "./world.ts";

/** What each of the model's tools does, said once more: nothing here is read from the tools. */
export const effectsOfTools: Readonly<Record<string, string>> = {
  list_guests: "read",
  get_guest: "read",
  get_cluster_status: "read",
  list_scheduled_deletions: "read",
  list_restorable_guests: "read",
  list_holds: "read",
  search_audit_log: "read",
  preview_action: "read",
  start_guest: "reversible",
  cancel_deletion: "reversible",
  hold_guest: "reversible",
  release_hold: "reversible",
  extend_lease: "reversible",
  list_leases: "read",
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
    },
    admin: {
      read: "allow",
      reversible: "allow",
      disruptive: "confirm",
      destructive: "confirm",
    },
  },
  {
    viewer: { read: "allow" },
    operator: { read: "allow", reversible: "confirm", disruptive: "confirm", stop_guest: "deny" },
    admin: { read: "allow", reversible: "allow", disruptive: "confirm", destructive: "confirm" },
  },
  {
    viewer: { read: "allow" },
    operator: { read: "allow", reversible: "allow", disruptive: "confirm", destructive: "allow" },
    admin: { read: "allow", reversible: "allow", disruptive: "allow", destructive: "allow" },
  },
];

export type Verdict = "free" | "ask" | "never";

/** Who is asked, besides or instead of whoever wants something. */
export type Others = "approver" | "two-persons";

/** Who may what in one run. */
export interface Rights {
  readonly roles: Roles;
  /** Tools for which {@link peopleOfRules} need somebody else. */
  readonly others: Readonly<Record<string, Others>>;
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

/** Who has to approve it: whoever asks, somebody else, or both. */
export function seatsFor(rights: Rights, tool: string, role: string): readonly Seat[] {
  const others = peopleOfRules.includes(role) ? rights.others[tool] : undefined;
  if (others === "approver") return ["approver"];
  return others === "two-persons" ? ["requester", "approver"] : ["requester"];
}

export type Seat = "requester" | "approver";

export interface Request {
  readonly tool: string;
  readonly person: Principal;
  /** The guest as it was when it was last looked at; absent where it could not be. */
  readonly guest?: Readonly<TrueGuest> | undefined;
  /** Who asked for the deletion that the call is about. */
  readonly requestedBy?: string | undefined;
}

/** What a person may have done by these roles, as people understand them. */
export function verdictOf({ roles, others }: Rights, request: Request): Verdict {
  const { tool, person, guest, requestedBy } = request;
  if (others[tool] && peopleOfRules.includes(person.role)) {
    const destroys = effectsOfTools[tool] === "destructive";
    return destroys && guest && isUndeletable(guest) ? "never" : "ask";
  }
  const effect = effectsOfTools[tool] ?? "unknown";
  const lines = Object.hasOwn(roles, person.role) ? roles[person.role] : undefined;
  const line = lines?.[tool] ?? lines?.[effect] ?? "deny";
  if (line === "deny") return "never";
  if (line === "own") {
    return requestedBy === person.id || guest?.owner === person.id ? "free" : "never";
  }
  if (tool === "restore_guest") return "ask";
  if (effect !== "destructive") return line === "confirm" ? "ask" : "free";
  return guest && isUndeletable(guest) ? "never" : "ask";
}

function isUndeletable(guest: Readonly<TrueGuest>): boolean {
  const { protection, template, haManaged, lock, tags } = guest;
  return protection || template || haManaged || lock !== undefined || tags.includes("protected");
}
