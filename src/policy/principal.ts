/** Who asks: a person as the policy knows them, whichever front end they came through. */
export interface Principal {
  /** Stable id: a user of the policy file, later a Slack user id. Never a display name. */
  readonly id: string;
  readonly name: string;
  /** The name of a role of the policy; a role that it does not know may do nothing. */
  readonly role: string;
  /** The NAME in the tag `owner-NAME` of this person's guests; the id where it is not said. */
  readonly owner?: string | undefined;
  /** Which of the groups that rules and approvers name the person is in; without it, in none. */
  readonly groups?: readonly string[] | "unknown" | undefined;
  /** IANA zone in which this person's words about time are read. */
  readonly timeZone: string;
}

/** A role for everybody in a group of the front end's, such as a user group of Slack. */
export interface GroupRole {
  readonly id: string;
  readonly role: string;
}

export interface Principals {
  /** The person with this id; somebody unknown gets the role for unknown users. */
  find(id: string): Principal;
  readonly known: readonly Principal[];
  /** For people who are not known by their own id; of several groups the first one counts. */
  readonly groups: readonly GroupRole[];
  /** The groups that rules and approvers name, so that it matters who is in them. */
  readonly groupIds: readonly string[];
}

/** The people that the policy names; anybody else is `unknown`, under their own id. */
export function createPrincipals(
  known: readonly Principal[],
  unknown: Pick<Principal, "role" | "timeZone">,
  groups: readonly GroupRole[] = [],
  groupIds: readonly string[] = [],
): Principals {
  const byId = new Map(known.map((principal) => [principal.id, principal]));
  return {
    known,
    groups,
    groupIds,
    find: (id) => byId.get(id) ?? { id, name: id, ...unknown },
  };
}

/** The NAME in the tag `owner-NAME` of this person's guests. */
export function ownerNameOf({ id, owner = id }: Pick<Principal, "id" | "owner">): string {
  return owner;
}

/** Whether a guest that carries this owner's tag is this person's; Proxmox does not tell cases apart. */
export function owns(
  principal: Pick<Principal, "id" | "owner">,
  guestOwner: string | undefined,
): boolean {
  return guestOwner?.toLowerCase() === ownerNameOf(principal).toLowerCase();
}
