import type { Temporal } from "temporal-polyfill";
import type { Principal } from "#src/policy/principal.ts";
import type { GuestTarget } from "#src/policy/target.ts";

/**
 * `inserting` is confirmed and not yet in the calendar; `planned` is there, and due at its time;
 * `preparing` is being shut down and backed up, and can still be cancelled; `destroying` has passed
 * the point of no return; `held` waits for a person, who may move or cancel it; `failed` was begun,
 * did not end well, and needs somebody to look. The others are over.
 */
export type DeletionState =
  | "inserting"
  | "planned"
  | "preparing"
  | "destroying"
  | "held"
  | "done"
  | "cancelled"
  | "failed";

export const openStates: readonly DeletionState[] = [
  "inserting",
  "planned",
  "preparing",
  "destroying",
  "held",
];
/** In which a person's word still counts. */
export const movableStates: readonly DeletionState[] = ["inserting", "planned", "held"];
/** In which it can still be made to wait. */
export const holdableStates: readonly DeletionState[] = ["inserting", "planned", "preparing"];
export const cancellableStates: readonly DeletionState[] = [...movableStates, "preparing"];

export type Person = Pick<Principal, "id" | "name">;

/** In whose name a lease ends of a guest that belongs to nobody we know; no person has this id. */
export const nobodyKnown: Person = { id: "lease", name: "nobody" };

/** The guest that is to go, as it was when its deletion was scheduled. */
export type DoomedGuest = Pick<GuestTarget, "vmid" | "kind" | "name" | "node" | "fingerprint"> & {
  /** The pool that it is in, to put it back there should it be restored. */
  readonly pool?: string | undefined;
};

/** What the preparation waits for. */
export interface PreparationTask {
  readonly step: "shutdown" | "stop" | "backup" | "start";
  readonly upid: string;
}

/** The backup that was made before the guest was destroyed. */
export interface KeptBackup {
  readonly storage: string;
  readonly volume: string;
  /** Until when it is kept; undefined until the guest is gone. */
  readonly until?: Temporal.Instant | undefined;
}

/** The deletion of one guest at one time. */
export interface Deletion {
  /** Also the id of its event in the calendar. */
  readonly id: string;
  readonly state: DeletionState;
  /** Grows with each change of the time; a confirmation holds for one revision. */
  readonly revision: number;
  readonly guest: DoomedGuest;
  readonly dueAt: Temporal.Instant;
  /** The zone in which the time was asked for. */
  readonly timeZone: string;
  readonly requestedBy: Person;
  readonly requestedAt: Temporal.Instant;
  /** Its time is the end of the guest's lease: until somebody takes it over, nobody has asked for it. */
  readonly ofLease: boolean;
  /** In whose name this very revision is confirmed: who asked for it. Absent when nobody did. */
  readonly confirmedBy?: Person | undefined;
  /** Who gave that confirmation, in this order; absent where it is not known. */
  readonly approvedBy?: readonly Person[] | undefined;
  readonly confirmedAt?: Temporal.Instant | undefined;
  /** A person has said that no backup is wanted. */
  readonly withoutBackup: boolean;
  /** A person has let it go beyond the limit of deletions per hour. */
  readonly beyondLimit: boolean;
  /** Its event as it was last seen or written; absent until it is in the calendar. */
  readonly event?: { readonly etag: string; readonly startsAt: Temporal.Instant } | undefined;
  /** Its event is not in the calendar any more. */
  readonly eventGone: boolean;
  /** The revision of which people were reminded last; 0 before the first. */
  readonly remindedRevision: number;
  /** When it wants attention next. */
  readonly nextAt?: Temporal.Instant | undefined;
  /** How often in a row it could not go on. */
  readonly attempts: number;
  /** When its preparation began. */
  readonly begunAt?: Temporal.Instant | undefined;
  /** The guest is stopped because we stopped it. */
  readonly stoppedByUs: boolean;
  readonly task?: PreparationTask | undefined;
  readonly backup?: KeptBackup | undefined;
  /** When the point of no return was passed. */
  readonly committedAt?: Temporal.Instant | undefined;
  /** Of the task that destroyed it. */
  readonly upid?: string | undefined;
  /** The tag that marks the guest as doomed, where it was set. */
  readonly mark?: string | undefined;
  /** The VMID under which the guest was brought back last. */
  readonly restoredAs?: number | undefined;
  /** Why it is held, was cancelled, failed, or could not go on yet. */
  readonly reason?: string | undefined;
}

/** Whether it is the end of a lease and no more: nobody has asked for it, or confirmed it. */
export function isEndOfLease({ ofLease, confirmedBy, state }: Deletion): boolean {
  return ofLease && !confirmedBy && movableStates.includes(state);
}

/** A deletion that one worker may change until its lease ends; the fence tells claims apart. */
export interface Claim extends Deletion {
  readonly fence: number;
  readonly leaseUntil: Temporal.Instant;
}

/** When it is due, in whose name that is confirmed, and who gave that confirmation. */
export interface DeletionTime {
  readonly dueAt: Temporal.Instant;
  readonly timeZone: string;
  readonly confirmedBy?: Person | undefined;
  readonly approvedBy?: readonly Person[] | undefined;
}

export interface NewDeletion extends DeletionTime {
  readonly guest: DoomedGuest;
  readonly requestedBy: Person;
  readonly withoutBackup?: boolean | undefined;
  readonly ofLease?: boolean | undefined;
}

/** Whose confirmation it was; of a deletion from before that was kept, who asked. */
export function confirmersOf({
  confirmedBy,
  approvedBy = [],
}: Pick<Deletion, "confirmedBy" | "approvedBy">): readonly Person[] {
  if (!confirmedBy) return [];
  return approvedBy.length > 0 ? approvedBy : [confirmedBy];
}

/** One state of one deletion; a change names the one it is meant for. */
export type DeletionVersion = Pick<Deletion, "id" | "revision">;
