import type { GuestDisk, GuestKind, GuestStatus } from "./guest.ts";
import type { GuestConfig, GuestCurrent } from "./responses.ts";

const ownerTag = /^owner-(?<name>.+)$/i;
/** As many people write it into a guest's notes. */
const ownerLine = /^\s*owner\s*[:=]\s*(?<name>[\w.@+-]{1,64})\s*$/im;
const diskKeys = /^(rootfs|mp\d+|(scsi|virtio|sata|ide)\d+|efidisk0|tpmstate0)$/;

/** A guest as people and Proxmox's own pages call it: "CT 103", "VM 210". */
export function labelOf({ kind, vmid }: { readonly kind: GuestKind; readonly vmid: number }) {
  return `${kind.toUpperCase()} ${vmid}`;
}

/** Proxmox's path segment for a kind. */
export function apiTypeOf(kind: GuestKind): "lxc" | "qemu" {
  return kind === "ct" ? "lxc" : "qemu";
}

/** Splits Proxmox's tag list, and the first owner's tag from the others. */
export function parseTags(text = ""): { tags: readonly string[]; owner: string | undefined } {
  const all = text.split(/[;,\s]+/).filter(Boolean);
  const owner = all.find(isOwnerTag);
  return {
    tags: all.filter((tag) => tag !== owner),
    owner: owner && ownerTag.exec(owner)?.groups?.name,
  };
}

export function isOwnerTag(tag: string): boolean {
  return ownerTag.test(tag);
}

/** The tag of this owner's guests, in lower case because Proxmox compares tags so; undefined where it takes no such tag. */
export function ownerTagOf(name: string): string | undefined {
  return /^[a-z0-9_.+-]{1,64}$/i.test(name) ? `owner-${name.toLowerCase()}` : undefined;
}

/** Who a line `owner: NAME` of the notes says is the owner. */
export function ownerInNotes(notes = ""): string | undefined {
  return ownerLine.exec(notes)?.groups?.name;
}

/** The name in the configuration, or what Proxmox shows for a guest without one. */
export function nameOf(kind: GuestKind, vmid: number, config: GuestConfig): string {
  return kind === "ct" ? (config.hostname ?? `CT${vmid}`) : (config.name ?? `VM ${vmid}`);
}

/** The live state; a paused machine says "running" and is told by QEMU alone. */
export function statusOf({ status, qmpstatus }: GuestCurrent): GuestStatus {
  if (status === "stopped") return "stopped";
  if (status !== "running") return "unknown";
  return qmpstatus === "paused" || qmpstatus === "suspended" ? "paused" : "running";
}

/** The disks that belong to the guest; no inserted images, no empty drives. */
export function disksOf(config: GuestConfig): readonly GuestDisk[] {
  return Object.entries(config).flatMap(([key, value = ""]) => {
    const [volume = "", ...options] = value.split(",");
    if (!diskKeys.test(key) || volume === "none" || options.includes("media=cdrom")) return [];
    const size = options.find((option) => option.startsWith("size="))?.slice("size=".length);
    return [{ key, volume, size }];
  });
}

/** Addresses that others can reach: neither loopback nor link-local. */
export function reachableAddresses(addresses: readonly string[]): readonly string[] {
  const bare = addresses.map((address) => address.split("/", 1)[0] ?? "");
  return [...new Set(bare)].filter((address) => !/^($|127\.|::1$|169\.254\.|fe80:)/i.test(address));
}

/** Whether the configuration has the guest agent switched on: `1`, `enabled=1`, `1,fstrim=1`. */
export function hasAgent({ agent = "" }: GuestConfig): boolean {
  return agent.split(",").some((option) => option === "1" || option === "enabled=1");
}
