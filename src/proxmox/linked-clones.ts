import { disksOf } from "./guest-facts.ts";
import type { InventoryReader } from "./inventory.ts";
import { guestPath, type LiveGuest } from "./live-guests.ts";
import type { ProxmoxClient } from "./proxmox-client.ts";
import { guestConfig, storageResources } from "./responses.ts";
import type { TokenRights } from "./token-rights.ts";

interface Deps {
  readonly client: Pick<ProxmoxClient, "get">;
  readonly inventory: Pick<InventoryReader, "list">;
  readonly rights: TokenRights;
}

/** Clones on these refer to what they are based on by their disks' names. */
const telling = new Set(["dir", "nfs", "cifs", "btrfs", "zfspool", "zfs", "rbd"]);

/**
 * The guests whose disks are based on those of a template, without which they are lost; only
 * templates have any. Undefined where none is found, and one could be there all the same.
 */
export async function linkedClonesOf(
  { client, inventory, rights }: Deps,
  { listed, config }: LiveGuest,
  signal: AbortSignal,
): Promise<readonly number[] | undefined> {
  if (config.template !== "1") return [];
  const { guests } = await inventory.list(signal);
  const others = guests.filter(({ kind, vmid }) => kind === listed.kind && vmid !== listed.vmid);
  const base = new RegExp(`[:/](?:base|basevol)-${listed.vmid}-disk-\\d+`);
  const based = await Promise.all(
    others.map(async (other) => {
      const own = await client.get(`${guestPath(other)}/config`, guestConfig, { signal });
      return disksOf(own).some(({ volume }) => base.test(volume)) ? [other.vmid] : [];
    }),
  );
  const clones = based.flat();
  if (clones.length > 0) return clones;
  // A guest that the token may not see may be one as well.
  if (!(await rights.on("/vms", signal)).has("VM.Audit")) return undefined;

  const parameters = { type: "storage" };
  const all = await client.get("/cluster/resources", storageResources, { parameters, signal });
  const types = new Map(all.map(({ storage, plugintype = "" }) => [storage, plugintype]));
  const storages = disksOf(config).map(({ volume }) => volume.split(":", 1)[0] ?? "");
  return storages.every((storage) => telling.has(types.get(storage) ?? "")) ? [] : undefined;
}
