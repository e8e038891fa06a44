import type { Caller } from "#src/simulator/acl.ts";
import { failure, parameterError } from "#src/simulator/api-error.ts";
import { listedStorage } from "#src/simulator/node-views.ts";
import { type Route, route } from "#src/simulator/router.ts";
import type { Simulation } from "#src/simulator/simulation.ts";
import type { BackupDetails, Storage, Volume } from "#src/simulator/world.ts";

const reads = "Datastore.Audit|Datastore.AllocateSpace";
const deleteMs = 500;

/** Storages and what lies on them. */
export function storageRoutes({ world, acl, tasks }: Simulation): readonly Route[] {
  const path = "/nodes/{node}/storage/{storage}" as const;

  function storageOn(node: string, id: string): Storage {
    const storage = world.storages.get(id);
    if (!storage) throw failure(`storage '${id}' does not exist`);
    if (storage.nodes.includes(node)) return storage;
    throw failure(`storage '${id}' is not available on node '${node}'`);
  }

  function volumesOn(node: string, storage: string): readonly Volume[] {
    return [...world.volumes.values()]
      .filter((volume) => volume.storage === storage)
      .filter((volume) => volume.node === undefined || volume.node === node);
  }

  /** A backup is seen by who may make one of that guest. */
  function isVisible({ storage, vmid, backup }: Volume, caller: Caller): boolean {
    if (!backup) return acl.allows(caller, `/storage/${storage}`, "Datastore.Audit");
    return (
      acl.allows(caller, `/storage/${storage}`, "Datastore.AllocateSpace") &&
      acl.allows(caller, `/vms/${vmid}`, "VM.Backup")
    );
  }

  function volumeWith(node: string, storage: string, id: string): Volume {
    const volid = id.includes(":") ? id : `${storage}:${id}`;
    const found = volumesOn(node, storage).find((volume) => volume.volid === volid);
    if (!found) throw failure(`volume '${volid}' does not exist`);
    return found;
  }

  function demandChange({ storage, vmid, backup }: Volume, caller: Caller): void {
    const privilege = backup ? "Datastore.AllocateSpace" : "Datastore.Allocate";
    acl.demand(caller, `/storage/${storage}`, privilege);
    if (backup) acl.demand(caller, `/vms/${vmid}`, "VM.Backup");
  }

  function remove(volume: Volume): void {
    const { volid, storage, backup } = volume;
    const name = volid.slice(volid.indexOf(":") + 1);
    if (backup?.protected)
      throw failure(`cannot remove protected volume '${name}' on '${storage}'`);
    world.volumes.delete(volid);
  }

  return [
    route({
      method: "GET",
      path: "/nodes/{node}/storage",
      parameters: { content: "string?", enabled: "boolean?", storage: "string?" },
      handle({ node, content, storage: wanted }, caller) {
        const found = [...world.storages.values()]
          .filter((storage) => storage.nodes.includes(node))
          .filter(({ id }) => acl.allows(caller, `/storage/${id}`, reads))
          .filter(({ id }) => wanted === undefined || id === wanted)
          .filter((storage) => content === undefined || storage.content.includes(content));
        return { data: found.map((storage) => listedStorage(world, storage, node)) };
      },
    }),
    route({
      method: "GET",
      path: `${path}/status`,
      requires: ["/storage/{storage}", reads],
      handle({ node, storage }) {
        const {
          storage: _,
          used_fraction: __,
          ...status
        } = listedStorage(world, storageOn(node, storage), node);
        return { data: status };
      },
    }),
    route({
      method: "GET",
      path: `${path}/content`,
      requires: ["/storage/{storage}", reads],
      parameters: { content: "string?", vmid: "integer?" },
      handle({ node, storage, content, vmid }, caller) {
        const found = volumesOn(node, storageOn(node, storage).id)
          .filter((volume) => content === undefined || volume.content === content)
          .filter((volume) => vmid === undefined || volume.vmid === vmid)
          .filter((volume) => isVisible(volume, caller));
        return { data: found.map(listedVolume) };
      },
    }),
    route({
      method: "GET",
      path: `${path}/content/{volume}`,
      handle({ node, storage, volume }, caller) {
        const found = volumeWith(node, storage, volume);
        if (!isVisible(found, caller)) demandChange(found, caller);
        const { size, format, backup } = found;
        const file = found.volid.slice(found.volid.indexOf(":") + 1).replace("backup/", "dump/");
        return {
          data: { path: `/var/lib/vz/${file}`, size, used: size, format, ...attributes(backup) },
        };
      },
    }),
    route({
      method: "PUT",
      path: `${path}/content/{volume}`,
      parameters: { notes: "string?", protected: "boolean?" },
      handle({ node, storage, volume, notes, protected: isProtected }, caller) {
        const found = volumeWith(node, storage, volume);
        demandChange(found, caller);
        if (!found.backup) throw failure("notes are not supported for this volume");
        const backup: BackupDetails = {
          ...found.backup,
          ...(notes !== undefined && { notes }),
          ...(isProtected !== undefined && { protected: isProtected }),
        };
        world.volumes.set(found.volid, { ...found, backup });
        return { data: null };
      },
    }),
    route({
      method: "DELETE",
      path: `${path}/content/{volume}`,
      parameters: { delay: "integer?" },
      handle({ node, storage, volume }, caller) {
        const found = volumeWith(node, storage, volume);
        demandChange(found, caller);
        const upid = tasks.start({
          node,
          type: "imgdel",
          id: `${found.vmid}@${storage}`,
          caller,
          async work(task) {
            await task.sleep(deleteMs);
            remove(volumeWith(node, storage, found.volid));
          },
        });
        return { data: upid };
      },
    }),
    route({
      method: "GET",
      path: `${path}/prunebackups`,
      requires: ["/storage/{storage}", reads],
      parameters: { "prune-backups": "string?", type: "string?", vmid: "integer?" },
      handle(input) {
        const backups = volumesOn(input.node, input.storage)
          .filter(({ backup }) => backup !== undefined)
          .filter(({ vmid }) => input.vmid === undefined || vmid === input.vmid);
        return { data: marked(backups, keptBy(input["prune-backups"])) };
      },
    }),
  ];
}

function listedVolume({ volid, content, vmid, size, format, createdAt, backup }: Volume) {
  return {
    volid,
    content,
    vmid,
    size,
    format,
    ctime: createdAt,
    ...(backup && { subtype: backup.kind, ...attributes(backup) }),
  };
}

function attributes(backup: BackupDetails | undefined) {
  return {
    ...(backup?.notes !== undefined && { notes: backup.notes }),
    ...(backup?.protected && { protected: 1 }),
  };
}

/** How many of each guest's backups stay; all of them unless it is said. */
function keptBy(policy: string | undefined): number {
  if (policy === undefined) return Number.POSITIVE_INFINITY;
  const [, count] = /^keep-last=(\d+)$/.exec(policy) ?? [];
  if (count !== undefined) return Number(count);
  throw parameterError({
    "prune-backups": `invalid format - format error\nvalue '${policy}' is not 'keep-last=N'`,
  });
}

/** What a pruning would do, newest first; a protected backup is never removed. */
function marked(backups: readonly Volume[], kept: number) {
  const seen = new Map<number, number>();
  return [...backups]
    .sort((a, b) => b.createdAt - a.createdAt)
    .map(({ volid, vmid, createdAt, backup }) => {
      const before = seen.get(vmid) ?? 0;
      if (!backup?.protected) seen.set(vmid, before + 1);
      const fate = before < kept ? "keep" : "remove";
      const mark = backup?.protected ? "protected" : fate;
      return { volid, vmid, ctime: createdAt, mark, type: backup?.kind };
    });
}
