import { failure } from "./api-error.ts";
import type { Storage, Volume, World } from "./world.ts";

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
