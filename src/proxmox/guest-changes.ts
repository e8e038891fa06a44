import type { GuestIdentity, GuestKind } from "./guest.ts";

/** How a change is followed to its end. */
export interface FollowOptions {
  readonly signal: AbortSignal;
  /** Told the Proxmox task's latest log line or state, for a person. */
  readonly onProgress?: ((message: string) => void) | undefined;
  /** Told the task's UPID before it is followed, and each time after it was looked at. */
  readonly onTask?: ((upid: string) => Promise<void>) | undefined;
}

/** How a change ended, judged by the task's exit status and the guest's state afterwards. */
export type ChangeOutcome =
  | { readonly kind: "done"; readonly upid: string; readonly warnings?: string | undefined }
  | { readonly kind: "unchanged"; readonly message: string };

/**
 * Changes whether a guest runs. Each reads the guest live first, refuses another guest than the
 * one identified, and returns when the task has ended and the guest is in the wanted state.
 *
 * @throws ProxmoxError, among them `still-running` with the UPID when the task outlasts its time.
 */
export interface GuestPower {
  start(guest: GuestIdentity, options: FollowOptions): Promise<ChangeOutcome>;
  /** Asks the guest's own system to shut down; never cuts power. */
  shutdown(guest: GuestIdentity, options: FollowOptions): Promise<ChangeOutcome>;
  /** Cuts power. */
  stop(guest: GuestIdentity, options: FollowOptions): Promise<ChangeOutcome>;
  /** Shutdown, then start; never kills, unlike Proxmox's own reboot of a container. */
  reboot(guest: GuestIdentity, options: FollowOptions): Promise<ChangeOutcome>;
}

/** Destroys guests. Only the deletion code gets it. */
export interface GuestDestroyer {
  /**
   * Destroys a stopped guest with `purge=1`, never with force, never other guests' disks; then
   * checks that it is gone and which of its volumes are left.
   *
   * @throws ProxmoxError before anything happened (`no-quorum`, `protected`, `locked`,
   *   `ha-managed`, `replicated`, `template`, `wrong-state`, `changed-guest`, or `unreachable` when
   *   the last look at the guest is too old); `destroy-failed` when disks may be gone already;
   *   `still-running` or `outcome-unknown` when the end is not known, and `forbidden` when it may
   *   not be seen, with the UPID.
   */
  destroy(guest: GuestIdentity, options: DestroyOptions): Promise<Destroyed>;
  /**
   * What became of a destroy that was begun, or was about to be, by a process that ended since:
   * follows its task where there is one. `not-begun` when the guest is still there and no task to
   * destroy it can be found.
   *
   * @throws ProxmoxError `destroy-failed`, `still-running` or `outcome-unknown`, like destroy; also
   *   `forbidden` when the VMID is in use and the guest cannot be seen.
   */
  resume(
    guest: GuestIdentity,
    begun: BegunDestroy,
    options: FollowOptions,
  ): Promise<Destroyed | "not-begun">;
}

/** Stops a change at the last moment. */
export interface Guarded {
  /** Called last, when nothing but the request is left to do; throws to stop it. */
  readonly guard?: (() => void) | undefined;
}

export interface DestroyOptions extends FollowOptions, Guarded {}

export interface BeginOptions extends Guarded {
  readonly signal: AbortSignal;
}

/** A guest that is gone, and by which task, where that is known. */
export interface Destroyed {
  readonly upid?: string | undefined;
  readonly leftoverVolumes: readonly string[];
}

/** What is known of a destroy that was cut short; its task, if that was seen. */
export interface BegunDestroy {
  readonly upid?: string | undefined;
  /** Epoch milliseconds; it cannot have begun before. */
  readonly since: number;
}

/** How a task stands. */
export type TaskState =
  | { readonly kind: "running" }
  | { readonly kind: "ended"; readonly ok: boolean; readonly exitStatus: string }
  /** Its log has been forgotten, or may not be read. */
  | { readonly kind: "unknown"; readonly reason: string };

/** What came of starting a task; nothing where the guest is already as wanted. */
export type Begun =
  | { readonly kind: "begun"; readonly upid: string }
  | { readonly kind: "unchanged" }
  /** Of a guest that is to be started: it still runs, and this task is about to end that. */
  | { readonly kind: "stopping"; readonly upid: string };

/**
 * What comes before a deletion, in steps that do not wait: each reads the guest live, refuses
 * another guest than the one identified, and returns once the task has begun. Only the deletion
 * code gets it.
 *
 * @throws ProxmoxError
 */
export interface GuestPreparation {
  /** Asks the guest's own system to shut down, which Proxmox gives up after `timeout` seconds. */
  beginShutdown(guest: GuestIdentity, timeout: number, options: BeginOptions): Promise<Begun>;
  /** Cuts power. */
  beginStop(guest: GuestIdentity, options: BeginOptions): Promise<Begun>;
  beginStart(guest: GuestIdentity, options: BeginOptions): Promise<Begun>;
  /**
   * Backs the guest up where it is, prunes nothing, protects the result.
   *
   * @param note becomes part of the backup's notes, by which it is found again.
   */
  beginBackup(
    guest: GuestIdentity,
    storage: string,
    note: string,
    signal: AbortSignal,
  ): Promise<{ readonly upid: string }>;
  /** The backup that the task made, once it is listed and its configuration names this guest. */
  findBackup(
    guest: GuestIdentity,
    storage: string,
    upid: string,
    signal: AbortSignal,
  ): Promise<Backup>;
  /** How the task stands. Throws only when Proxmox cannot be asked. */
  look(upid: string, signal: AbortSignal): Promise<TaskState>;
}

/** Which VMIDs are in use, also by guests that the token may not see. */
export interface Vmids {
  isFree(vmid: number, signal: AbortSignal): Promise<boolean>;
  /** The lowest free one. */
  next(signal: AbortSignal): Promise<number>;
}

/** Puts a tag on a guest that people see in Proxmox, and takes it off; other tags stay. */
export interface GuestMarks {
  set(guest: GuestIdentity, tag: string, signal: AbortSignal): Promise<void>;
  clear(guest: GuestIdentity, tag: string, signal: AbortSignal): Promise<void>;
}

/** Says whose a guest is, by a tag that people see in Proxmox; other tags stay. */
export interface GuestOwnership {
  /** Whether this name can stand in a tag. */
  canOwn(name: string): boolean;
  /**
   * Sets the tag `owner-NAME`, in place of any other owner's.
   *
   * @throws ProxmoxError, among them `changed-guest`, `locked` and `forbidden`.
   */
  setOwner(guest: GuestIdentity, name: string, signal: AbortSignal): Promise<void>;
}

/** A backup on a storage, of a guest that may be gone by now. */
export interface Backup {
  /** Proxmox's volume id, `storage:backup/vzdump-…`. */
  readonly volume: string;
  readonly vmid: number;
  readonly kind: GuestKind;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** Bytes. */
  readonly size: number;
  readonly protected: boolean;
  /** Whether a check of its content succeeded; absent where nobody has checked. */
  readonly verified?: boolean | undefined;
  readonly notes?: string | undefined;
}

/** What becomes of backups. Only the deletion code gets it. */
export interface GuestBackups {
  /** The backups on one storage, newest first, of one guest or of all. */
  list(storage: string, vmid: number | undefined, signal: AbortSignal): Promise<readonly Backup[]>;
  /**
   * Restores under a VMID that must be free; starts nothing, overwrites nothing.
   *
   * Tags, notes and disks come out of the backup, each disk on the storage that it was on.
   */
  restore(
    backup: Pick<Backup, "volume" | "kind">,
    place: { readonly node: string; readonly vmid: number; readonly pool?: string | undefined },
    options: FollowOptions,
  ): Promise<{ readonly upid: string }>;
  /** Takes the protection off a backup and removes it; one that is gone already is no failure. */
  remove(backup: Pick<Backup, "volume">, signal: AbortSignal): Promise<void>;
}
