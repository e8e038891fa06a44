/** A container (LXC) or a virtual machine (QEMU). */
export type GuestKind = "ct" | "vm";

/** A guest is to stay, by a person's word. Proxmox does not know of it. */
export interface GuestHold {
  /** A name; absent where it cannot be known whether the guest is on hold. */
  readonly by?: string | undefined;
  readonly reason: string;
  /** The instant until which, ISO 8601; absent where a person has to end it. */
  readonly until?: string | undefined;
}

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
  /** From the tag `owner-NAME`; of a guest read live, else from a line `owner: NAME` in its notes. */
  readonly owner?: string | undefined;
  readonly pool?: string | undefined;
  readonly lock?: string | undefined;
  readonly template: boolean;
  readonly haManaged: boolean;
  /** Added by whoever knows of holds. */
  readonly hold?: GuestHold | undefined;
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
  /** When its latest hold ended, ISO 8601: nothing decided before goes on because of that. */
  readonly holdEndedAt?: string | undefined;
  readonly disks: readonly GuestDisk[];
  /** Empty where it is stopped or nobody answers for it. */
  readonly addresses: readonly string[];
}

/** The whole cluster's guests at one moment. */
export interface Inventory {
  readonly guests: readonly Guest[];
  /** VMIDs listed without a name; until it is known, no name can be resolved for certain. */
  readonly nameless: readonly number[];
}

export interface InventoryWithOwners extends Inventory {
  /** VMIDs of which nobody knows whether their notes name an owner. */
  readonly ownersUnread: readonly number[];
}

/** Finds guests. Everything here reads. */
export interface Guests {
  /** One request for the whole cluster; concurrent callers share it, and it is cached for seconds. */
  list(signal: AbortSignal): Promise<Inventory>;
  /** The same with the owners that stand in notes only, which takes a request for each such guest. */
  listWithOwners(signal: AbortSignal): Promise<InventoryWithOwners>;
  /**
   * The one guest that the reference means, read live: a VMID or an exact name, optionally with a
   * kind, a node or an owner ("CT staging", "staging on pve3", "bob's staging").
   *
   * @throws ProxmoxError `no-such-guest`, `ambiguous-guest` (listing the candidates), or
   *   `incomplete-inventory` when a name is asked for while guests are listed whose names are not
   *   even to be had from their nodes.
   */
  find(reference: string, signal: AbortSignal): Promise<GuestDetail>;
}

/** The guest that a change is for: its place is looked up anew, its fingerprint compared. */
export interface GuestIdentity {
  readonly vmid: number;
  readonly kind: GuestKind;
  readonly fingerprint: string;
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
