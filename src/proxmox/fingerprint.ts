import { createHash } from "node:crypto";
import type { GuestKind } from "./guest.ts";
import type { GuestConfig } from "./responses.ts";

/**
 * What identifies this very guest, whatever its VMID, name, node or size: two readings of a guest
 * give the same fingerprint, another guest under the same VMID gives another.
 *
 * A virtual machine is told by its creation time, its SMBIOS UUID and its generation id (new after
 * a restore or a rollback). A container has none of these: its network addresses, the volumes that
 * it consists of and its system must do. So a container whose volumes move to another storage
 * counts as another one, and one without a network card that is created anew with the same volume
 * names counts as the same; the latter is what {@link GuestHistory} is for. Where the two are at
 * odds, changed is the safe answer: it asks a person again.
 */
export function fingerprintOf(kind: GuestKind, config: GuestConfig): string {
  const parts = kind === "vm" ? machineParts(config) : containerParts(config);
  const digest = createHash("sha256").update(JSON.stringify(parts)).digest("hex");
  return `${kind}:${digest.slice(0, 32)}`;
}

function machineParts(config: GuestConfig) {
  const createdAt = optionOf(config.meta, "ctime");
  const uuid = optionOf(config.smbios1, "uuid");
  const { vmgenid } = config;
  if (createdAt || uuid || vmgenid) return { createdAt, uuid, vmgenid };
  return {
    addresses: hardwareAddresses(config),
    volumes: volumes(config, /^(scsi|virtio|sata|ide)\d+$/),
  };
}

function containerParts(config: GuestConfig) {
  return {
    addresses: hardwareAddresses(config),
    volumes: volumes(config, /^(rootfs|mp\d+)$/),
    arch: config.arch,
    ostype: config.ostype,
  };
}

/** The MAC addresses of all network cards, whichever slot they are in. */
function hardwareAddresses(config: GuestConfig): string[] {
  return valuesOf(config, /^net\d+$/)
    .flatMap((card) => card.match(/(?:[0-9a-f]{2}:){5}[0-9a-f]{2}/i) ?? [])
    .map((address) => address.toUpperCase())
    .sort();
}

/** Volume names without options, of which the size changes. */
function volumes(config: GuestConfig, keys: RegExp): string[] {
  return valuesOf(config, keys)
    .map((disk) => disk.split(",", 1)[0] ?? "")
    .sort();
}

function valuesOf(config: GuestConfig, keys: RegExp): string[] {
  return Object.entries(config).flatMap(([key, value]) => (value && keys.test(key) ? [value] : []));
}

/** The value of `name` in a property string such as `creation-qemu=10.0,ctime=1795215178`. */
function optionOf(properties: string | undefined, name: string): string | undefined {
  const option = properties?.split(",").find((part) => part.startsWith(`${name}=`));
  return option?.slice(name.length + 1);
}
