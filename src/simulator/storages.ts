import { failure } from "./api-error.ts";
import { bytesOf, disksOf } from "./guest-config.ts";
import { kinds } from "./kinds.ts";
import type { SimulatedGuest, Storage, Volume, World } from "./world.ts";

/** What a caller needs, one or the other, to look at a storage. */
export const readsStorage = "Datastore.Audit|Datastore.AllocateSpace";

/** @throws ApiError 500 where the node has no such storage */
export function storageOn(world: World, node: string, id: string): Storage {
  const storage = world.storages.get(id);
  if (!storage) throw failure(`storage '${id}' does not exist`);
  if (storage.nodes.includes(node)) return storage;
  throw failure(`storage '${id}' is not available on node '${node}'`);
}

/** What lies on a storage, as that node sees it. */
export function volumesOn(world: World, node: string, storage: string): readonly Volume[] {
  const { id } = storageOn(world, node, storage);
  return [...world.volumes.values()]
    .filter((volume) => volume.storage === id)
    .filter((volume) => volume.node === undefined || volume.node === node);
}

/**
 * A volume by its id, or by what follows the storage in it.
 *
 * @throws ApiError 500 where there is none
 */
export function volumeOn(world: World, node: string, storage: string, id: string): Volume {
  const volid = id.includes(":") ? id : `${storage}:${id}`;
  const found = volumesOn(world, node, storage).find((volume) => volume.volid === volid);
  if (!found) throw failure(`volume '${volid}' does not exist`);
  return found;
}

/** The first storage of the node that holds such content. */
export function storageFor(world: World, node: string, content: string): string {
  const fitting = [...world.storages.values()].find(
    (storage) => storage.nodes.includes(node) && storage.content.includes(content),
  );
  return fitting?.id ?? "local";
}

/** The volume id of a guest's disk, in the manner of the storage's type. */
export function volumeName(storage: string, vmid: number, disk: number): string {
  const type = storageType(storage);
  const name = `vm-${vmid}-disk-${disk}`;
  return type === "dir" || type === "nfs" ? `${storage}:${vmid}/${name}.raw` : `${storage}:${name}`;
}

/** The volume id of a template's disk, on which those of its linked clones are based. */
export function baseVolumeName(storage: string, vmid: number, disk: number): string {
  return volumeName(storage, vmid, disk).replace(`vm-${vmid}`, `base-${vmid}`);
}

/** The volume id of a linked clone's disk: it names its base, except where LVM keeps both apart. */
export function cloneVolumeName(storage: string, template: number, vmid: number, disk: number) {
  const own = volumeName(storage, vmid, disk);
  if (storageType(storage) === "lvmthin") return own;
  const base = baseVolumeName(storage, template, disk);
  return `${base}/${own.slice(own.indexOf(":") + 1)}`;
}

/** Whether every node of the storage has the same volumes. */
export function isShared(storage: Storage | undefined): boolean {
  return storage?.type === "nfs";
}

/** Puts the disks that a configuration names onto their storages. */
export function addDisks(
  world: World,
  { vmid, kind, node, config }: Pick<SimulatedGuest, "vmid" | "kind" | "node" | "config">,
  createdAt: number,
): void {
  for (const { volume, size } of disksOf(config)) {
    const storage = volume.slice(0, volume.indexOf(":"));
    world.volumes.set(volume, {
      volid: volume,
      storage,
      node: isShared(world.storages.get(storage)) ? undefined : node,
      vmid,
      content: kinds[kind].diskContent,
      format: "raw",
      size: bytesOf(size),
      createdAt,
    });
  }
}

/** Takes a guest's disks along to another node. */
export function moveDisks({ volumes }: World, vmid: number, node: string): void {
  for (const volume of volumes.values()) {
    const moves = volume.vmid === vmid && volume.content !== "backup" && volume.node !== undefined;
    if (moves) volumes.set(volume.volid, { ...volume, node });
  }
}

/** Which technology a storage has is told by its name, as administrators choose them. */
export function storageType(id: string): Storage["type"] {
  if (id.includes("lvm")) return "lvmthin";
  if (id.includes("zfs")) return "zfspool";
  return id.includes("nfs") ? "nfs" : "dir";
}
