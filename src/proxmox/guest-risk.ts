import type { GuestDisk, GuestIdentity, GuestStatus } from "./guest.ts";

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
