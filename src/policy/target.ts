import type { GuestHold } from "./hold.ts";

export type GuestKind = "ct" | "vm";

/** The guest that a call acts on, as it was when the call was planned. */
export interface GuestTarget {
  readonly vmid: number;
  readonly kind: GuestKind;
  /** Identifies this very guest, not the VMID: Proxmox hands a freed VMID to the next one. */
  readonly fingerprint: string;
  readonly name: string;
  readonly node: string;
  readonly owner?: string | undefined;
  readonly pool?: string | undefined;
  readonly tags: readonly string[];
  /** `protection: 1` in the guest's configuration. */
  readonly protection: boolean;
  readonly template: boolean;
  /** Proxmox's configuration lock, such as `backup` or `migrate`. */
  readonly lock?: string | undefined;
  readonly haManaged: boolean;
  /** While it is on hold, or while that cannot be known. */
  readonly hold?: GuestHold | undefined;
}

/** The scheduled deletion that a call acts on. */
export interface DeletionTarget {
  readonly id: string;
  readonly requestedBy: string;
  /** The instant it is planned for, ISO 8601. */
  readonly dueAt: string;
}

/** The hold that a call ends. */
export interface HoldTarget {
  /** Who placed it. */
  readonly requestedBy: string;
  /** The instant at which it was placed, ISO 8601. */
  readonly since: string;
}

/** One of several deletions that one call acts on. */
export interface OneOfDeletions extends DeletionTarget {
  readonly guest: GuestTarget;
  readonly withoutBackup?: true | undefined;
}

/**
 * What a call acts on: the policy judges it, the audit log stores it, and a confirmation holds
 * only while a fresh plan has the same identity (see {@link targetIdentity}).
 */
export interface Target {
  readonly guest?: GuestTarget;
  readonly deletion?: DeletionTarget;
  /** In place of the two above, for a call on several at once. */
  readonly deletions?: readonly OneOfDeletions[];
  readonly hold?: HoldTarget;
  /** The NAME in the tag `owner-NAME` of whom a call gives the guest to. */
  readonly newOwner?: string;
  /** When it is to happen, ISO 8601 instant; absent for what happens at once. */
  readonly at?: string;
  /** The time was asked for relative to the confirmation ("now"), so `at` is not part of what was approved. */
  readonly asSoonAsConfirmed?: boolean;
  /** The guest goes without a backup. */
  readonly withoutBackup?: true;
}

/** The guests that a call acts on. */
export function guestsIn({ guest, deletions = [] }: Target): readonly GuestTarget[] {
  return guest ? [guest] : deletions.map((deletion) => deletion.guest);
}

/**
 * The part of a target that a person approves: who exactly, when, and whether a backup is left.
 * Names, tags and places may change meanwhile; the policy judges those afresh.
 */
export function targetIdentity(target: Target) {
  const { guest, deletion, deletions, hold, newOwner, at, asSoonAsConfirmed, withoutBackup } =
    target;
  return {
    guest: guest && guestIdentity(guest),
    deletion: deletion && { id: deletion.id, dueAt: deletion.dueAt },
    deletions: deletions?.map((one) => ({
      id: one.id,
      dueAt: one.dueAt,
      guest: guestIdentity(one.guest),
      withoutBackup: one.withoutBackup,
    })),
    hold: hold && { since: hold.since },
    newOwner,
    at: asSoonAsConfirmed ? "as soon as confirmed" : at,
    withoutBackup,
  };
}

function guestIdentity({ vmid, kind, fingerprint }: GuestTarget) {
  return { vmid, kind, fingerprint };
}
