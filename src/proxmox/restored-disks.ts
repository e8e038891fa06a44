import { readBackedUpConfig } from "./backup-contents.ts";
import type { GuestDisk } from "./guest.ts";
import type { Backup } from "./guest-changes.ts";
import { disksOf } from "./guest-facts.ts";
import type { ProxmoxClient } from "./proxmox-client.ts";
import type { GuestConfig } from "./responses.ts";

/**
 * What a restore must say so that each disk comes back on the storage that it was on.
 *
 * A virtual machine's backup knows that itself. A container's disks would all go to the storage
 * `local`: one storage can be named for all, and where there were several, each disk is asked for
 * by itself, for which Proxmox demands VM.Config.Disk.
 */
export async function restoredDisks(
  client: Pick<ProxmoxClient, "get">,
  { kind, volume }: Pick<Backup, "kind" | "volume">,
  node: string,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  if (kind === "vm") return {};
  const config = await readBackedUpConfig(client, { node, volume }, signal);
  const disks = disksOf(config).filter((disk) => storageOf(disk) !== "");
  const storages = new Set(disks.map(storageOf));
  const [storage] = storages;
  if (!storage) return {};
  if (storages.size === 1) return { storage };
  return Object.fromEntries(disks.map((disk) => [disk.key, newDisk(disk, config)]));
}

/** Empty for a directory of the node, which is mounted into the container as it is. */
function storageOf({ volume }: GuestDisk): string {
  return volume.slice(0, Math.max(0, volume.indexOf(":")));
}

/** `local-lvm:8,mp=/data`: a new disk of so many GiB, with the options of the old one. */
function newDisk(disk: GuestDisk, config: GuestConfig): string {
  const [, ...options] = (config[disk.key] ?? "").split(",");
  const kept = options.filter((option) => !option.startsWith("size="));
  return [`${storageOf(disk)}:${gibibytes(disk.size)}`, ...kept].join(",");
}

/** Proxmox writes sizes as `8G`, `512M` or, without a unit, in bytes. */
function gibibytes(size = "0"): number {
  const exponent = { K: -2, M: -1, G: 0, T: 1 }[size.slice(-1)] ?? -3;
  return Number.parseFloat(size) * 1024 ** exponent;
}
