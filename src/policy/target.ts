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
  readonly tags: readonly string[];
  /** `protection: 1` in the guest's configuration. */
  readonly protection: boolean;
  readonly template: boolean;
  /** Proxmox's configuration lock, such as `backup` or `migrate`. */
  readonly lock?: string | undefined;
  readonly haManaged: boolean;
}

/** The scheduled deletion that a call acts on. */
export interface DeletionTarget {
  readonly id: string;
  readonly requestedBy: string;
  /** The instant it is planned for, ISO 8601. */
  readonly dueAt: string;
}

/**
 * What a call acts on: the policy judges it, the audit log stores it, and a confirmation holds
 * only while a fresh plan has the same identity (see {@link targetIdentity}).
 */
export interface Target {
  readonly guest?: GuestTarget;
  readonly deletion?: DeletionTarget;
  /** When it is to happen, ISO 8601 instant; absent for what happens at once. */
  readonly at?: string;
  /** The time was asked for relative to the confirmation ("now"), so `at` is not part of what was approved. */
  readonly asSoonAsConfirmed?: boolean;
}

/**
 * The part of a target that a person approves: who exactly, and when. Names, tags and places may
 * change meanwhile; the policy judges those afresh.
 */
export function targetIdentity({ guest, deletion, at, asSoonAsConfirmed }: Target) {
  return {
    guest: guest && { vmid: guest.vmid, kind: guest.kind, fingerprint: guest.fingerprint },
    deletion: deletion && { id: deletion.id, dueAt: deletion.dueAt },
    at: asSoonAsConfirmed ? "as soon as confirmed" : at,
  };
}
