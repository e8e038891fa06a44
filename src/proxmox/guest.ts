/** A container (LXC) or a virtual machine (QEMU). */
export type GuestKind = "ct" | "vm";

export type GuestStatus = "running" | "stopped" | "paused" | "unknown";

/**
 * A guest as the cluster's inventory lists it. Which guest, node, lock and tags are live; status
 * and name come from a collector that runs every ten seconds, so no outcome is judged by them.
 */
export interface Guest {
  readonly vmid: number;
  readonly kind: GuestKind;
  /** Absent while the cluster does not know it: just created, or on a node that is away. */
  readonly name?: string | undefined;
  readonly node: string;
  readonly status: GuestStatus;
  /** Without the owner's tag, which is shown as {@link owner}. */
  readonly tags: readonly string[];
  /** From the tag `owner-NAME`. */
  readonly owner?: string | undefined;
  readonly pool?: string | undefined;
  readonly lock?: string | undefined;
  readonly template: boolean;
  readonly haManaged: boolean;
  /** Share of the assigned CPUs, 0 to 1. */
  readonly cpu: number;
  readonly memoryUsed: number;
  readonly memoryTotal: number;
  readonly diskTotal: number;
  /** Seconds. */
  readonly uptime: number;
}

export interface GuestDisk {
  /** The configuration's key: `rootfs`, `mp0`, `scsi0`. */
  readonly key: string;
  readonly volume: string;
  /** As Proxmox writes it: `32G`. */
  readonly size?: string | undefined;
}

/** A guest read live, by its configuration and its current state. */
export interface GuestDetail extends Guest {
  readonly name: string;
  /** What identifies this very guest; see `fingerprint.ts`. */
  readonly fingerprint: string;
  readonly protection: boolean;
  readonly notes?: string | undefined;
  readonly disks: readonly GuestDisk[];
  /** Empty where it is stopped or nobody answers for it. */
  readonly addresses: readonly string[];
}

/** The whole cluster's guests at one moment. */
export interface Inventory {
  readonly guests: readonly Guest[];
  /** VMIDs listed without a name; while there are any, no name can be resolved for certain. */
  readonly nameless: readonly number[];
}

/** Finds guests. Everything here reads. */
export interface Guests {
  /** One request for the whole cluster; concurrent callers share it, and it is cached for seconds. */
  list(signal: AbortSignal): Promise<Inventory>;
  /**
   * The one guest that the reference means, read live: a VMID or an exact name, optionally with a
   * kind, a node or an owner ("CT staging", "staging on pve3", "bob's staging").
   *
   * @throws ProxmoxError `no-such-guest`, `ambiguous-guest` (listing the candidates), or
   *   `incomplete-inventory` when a name is asked for while nameless guests are listed.
   */
  find(reference: string, signal: AbortSignal): Promise<GuestDetail>;
}

/** The guest that a change is for: its place is looked up anew, its fingerprint compared. */
export interface GuestIdentity {
  readonly vmid: number;
  readonly kind: GuestKind;
  readonly fingerprint: string;
}

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

/** What happened to a VMID since an instant, as far as it can be known. */
export type HistoryVerdict =
  | { readonly kind: "unchanged" }
  /** It was created, restored, cloned or destroyed: by these tasks. */
  | { readonly kind: "changed"; readonly upids: readonly string[] }
  /** The token may not see others' tasks, a node is away, or the log does not reach back. */
  | { readonly kind: "unknown"; readonly reason: string };

/** Tells a guest from its successor where no fingerprint can: a container without network. */
export interface GuestHistory {
  /** What was created or destroyed under the VMID since `since`, epoch milliseconds, on any node. */
  historySince(vmid: number, since: number, signal: AbortSignal): Promise<HistoryVerdict>;
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

/** How much a guest does, on average over a recent minute. */
export interface GuestLoad {
  /** Share of the assigned CPUs, 0 to 1. */
  readonly cpu: number;
  /** Bytes a second, in and out together. */
  readonly network: number;
  /** Bytes a second, read and written together. */
  readonly disk: number;
}

/** A guest's newest backup. */
export interface LastBackup {
  /** Epoch milliseconds. */
  readonly at: number;
  /** Whether a check of its content succeeded; absent where nobody has checked. */
  readonly verified?: boolean | undefined;
}

/**
 * What a change to a guest could destroy or disturb, and what stands in its way, as it is at this
 * moment. What is absent is not known: it could not be read, or the token may not see all of it.
 */
export interface GuestRisk {
  readonly status?: GuestStatus | undefined;
  /** Seconds. */
  readonly uptime?: number | undefined;
  /** Of a running guest. */
  readonly load?: GuestLoad | undefined;
  readonly disks?: readonly GuestDisk[] | undefined;
  /** Their names; they go when the guest goes. */
  readonly snapshots?: readonly string[] | undefined;
  /** `none` where no storage that the token sees has one. */
  readonly lastBackup?: LastBackup | "none" | undefined;
  /** The ids of the jobs that back it up regularly. */
  readonly backupJobs?: readonly string[] | undefined;
  readonly haManaged?: boolean | undefined;
  /** The nodes to which it is replicated. */
  readonly replicas?: readonly string[] | undefined;
  /** VMIDs of the guests whose disks are based on its own. */
  readonly linkedClones?: readonly number[] | undefined;
  /** The types of the tasks that work on it, such as `vzdump`. */
  readonly runningTasks?: readonly string[] | undefined;
  /** What the token lacks on this guest of the privileges that deleting it takes. */
  readonly lackedPrivileges?: readonly string[] | undefined;
}

/** Tells what a change to a guest puts at risk. Reads. */
export interface GuestRisks {
  /**
   * What can be read within some three seconds; nothing of another guest under the same VMID.
   * Never rejects.
   */
  read(guest: GuestIdentity, signal?: AbortSignal): Promise<GuestRisk>;
}

/** A node, and its load. */
export interface ClusterNode {
  readonly name: string;
  readonly online: boolean;
  /** Share of its CPUs, 0 to 1; absent where the token may not read it. */
  readonly cpu?: number | undefined;
  readonly memoryUsed?: number | undefined;
  readonly memoryTotal?: number | undefined;
  readonly uptime?: number | undefined;
}

/** The cluster as a whole; a standalone node is a cluster of one. */
export interface ClusterStatus {
  /** Absent on a standalone node. */
  readonly name?: string | undefined;
  /** A standalone node is always quorate. */
  readonly quorate: boolean;
  readonly version: string;
  readonly nodes: readonly ClusterNode[];
}

/** Tells how the cluster is. Reads. */
export interface Cluster {
  status(signal: AbortSignal): Promise<ClusterStatus>;
}
