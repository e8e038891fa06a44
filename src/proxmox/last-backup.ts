import type { BackupLists } from "./backup-lists.ts";
import type { GuestRisk } from "./guest-risk.ts";
import type { ProxmoxClient } from "./proxmox-client.ts";
import { storageResources } from "./responses.ts";
import type { TokenRights } from "./token-rights.ts";

interface Deps {
  readonly client: Pick<ProxmoxClient, "get">;
  readonly lists: Pick<BackupLists, "everywhere">;
  readonly rights: TokenRights;
}

/**
 * The newest backup of a guest on any storage that holds backups. Undefined where none is seen and
 * one could still be there: a list leaves out what the token may not see.
 */
export async function lastBackupOf(
  { client, lists, rights }: Deps,
  vmid: number,
  signal: AbortSignal,
): Promise<GuestRisk["lastBackup"]> {
  const parameters = { type: "storage" };
  const all = await client.get("/cluster/resources", storageResources, { parameters, signal });
  const places = all.filter(({ content }) => content.split(",").includes("backup"));
  const storages = [...new Set(places.map(({ storage }) => storage))];
  const listed = await Promise.allSettled(
    storages.map((storage) => lists.everywhere(storage, vmid, signal)),
  );
  const backups = listed.flatMap((list) => (list.status === "fulfilled" ? list.value : []));
  const [newest] = backups.toSorted((one, other) => other.createdAt - one.createdAt);
  if (newest) return { at: newest.createdAt, verified: newest.verified };

  const areAway = places.some(({ status }) => status !== "available");
  const areUnread = listed.some(({ status }) => status === "rejected");
  if (storages.length === 0 || areAway || areUnread) return undefined;
  return (await seesBackups(rights, vmid, storages, signal)) ? "none" : undefined;
}

/** Whether the token would be told of the guest's backups on all of these storages. */
async function seesBackups(
  rights: TokenRights,
  vmid: number,
  storages: readonly string[],
  signal: AbortSignal,
): Promise<boolean> {
  const [onGuest, ...onStorages] = await Promise.all([
    rights.on(`/vms/${vmid}`, signal),
    ...storages.map((storage) => rights.on(`/storage/${storage}`, signal)),
  ]);
  return onStorages.every(
    (held) =>
      held.has("Datastore.Allocate") ||
      (held.has("Datastore.AllocateSpace") && onGuest.has("VM.Backup")),
  );
}
