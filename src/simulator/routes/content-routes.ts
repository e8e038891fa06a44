import type { Acl, Caller } from "#src/simulator/acl.ts";
import { failure } from "#src/simulator/api-error.ts";
import { type Route, route } from "#src/simulator/router.ts";
import type { Simulation } from "#src/simulator/simulation.ts";
import { readsStorage, volumeOn, volumesOn } from "#src/simulator/storages.ts";
import type { BackupDetails, Volume, World } from "#src/simulator/world.ts";

const deleteMs = 500;

/** What lies on storages: disks and backups. */
export function contentRoutes({ world, acl, tasks }: Simulation): readonly Route[] {
  const path = "/nodes/{node}/storage/{storage}/content" as const;

  return [
    route({
      method: "GET",
      path,
      requires: ["/storage/{storage}", readsStorage],
      parameters: { content: "string?", vmid: "integer?" },
      handle({ node, storage, content, vmid }, caller) {
        const found = volumesOn(world, node, storage)
          .filter((volume) => content === undefined || volume.content === content)
          .filter((volume) => vmid === undefined || volume.vmid === vmid)
          .filter((volume) => isVisible(acl, volume, caller));
        return { data: found.map(listedVolume) };
      },
    }),
    route({
      method: "GET",
      path: `${path}/{volume}`,
      handle({ node, storage, volume }, caller) {
        const found = volumeOn(world, node, storage, volume);
        if (!isVisible(acl, found, caller)) demandChange(acl, found, caller);
        const { size, format, backup } = found;
        const file = nameIn(found.volid).replace("backup/", "dump/");
        return {
          data: { path: `/var/lib/vz/${file}`, size, used: size, format, ...attributes(backup) },
        };
      },
    }),
    route({
      method: "PUT",
      path: `${path}/{volume}`,
      parameters: { notes: "string?", protected: "boolean?" },
      handle({ node, storage, volume, notes, protected: isProtected }, caller) {
        const found = volumeOn(world, node, storage, volume);
        demandChange(acl, found, caller);
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
      path: `${path}/{volume}`,
      parameters: { delay: "integer?" },
      handle({ node, storage, volume }, caller) {
        const found = volumeOn(world, node, storage, volume);
        demandChange(acl, found, caller);
        const upid = tasks.start({
          node,
          type: "imgdel",
          id: `${found.vmid}@${storage}`,
          caller,
          async work(task) {
            await task.sleep(deleteMs);
            remove(world, volumeOn(world, node, storage, found.volid));
          },
        });
        return { data: upid };
      },
    }),
  ];
}

/** A backup is seen by who may make one of that guest. */
function isVisible(acl: Acl, { storage, vmid, backup }: Volume, caller: Caller): boolean {
  if (!backup) return acl.allows(caller, `/storage/${storage}`, "Datastore.Audit");
  return (
    acl.allows(caller, `/storage/${storage}`, "Datastore.AllocateSpace") &&
    acl.allows(caller, `/vms/${vmid}`, "VM.Backup")
  );
}

/** @throws ApiError 403 where the caller may not change or remove the volume */
function demandChange(acl: Acl, { storage, vmid, backup }: Volume, caller: Caller): void {
  const privilege = backup ? "Datastore.AllocateSpace" : "Datastore.Allocate";
  acl.demand(caller, `/storage/${storage}`, privilege);
  if (backup) acl.demand(caller, `/vms/${vmid}`, "VM.Backup");
}

/** @throws ApiError 500 where it is protected */
function remove(world: World, { volid, storage, backup }: Volume): void {
  if (backup?.protected) {
    throw failure(`cannot remove protected volume '${nameIn(volid)}' on '${storage}'`);
  }
  world.volumes.delete(volid);
}

/** What a volume is called on its storage: `backup/…` of `local:backup/…`. */
function nameIn(volid: string): string {
  return volid.slice(volid.indexOf(":") + 1);
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
    ...(backup?.verification && { verification: { state: backup.verification, upid: "" } }),
  };
}

function attributes(backup: BackupDetails | undefined) {
  return {
    ...(backup?.notes !== undefined && { notes: backup.notes }),
    ...(backup?.protected && { protected: 1 }),
  };
}
