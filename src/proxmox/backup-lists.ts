import { apiPath } from "./api-path.ts";
import type { Backup, GuestKind } from "./guest.ts";
import type { ProxmoxClient } from "./proxmox-client.ts";
import { ProxmoxError } from "./proxmox-error.ts";
import { type StorageVolume, storageContent, storageResources } from "./responses.ts";

/** The backups that storages list: of one guest, or of all; newest first. */
export interface BackupLists {
  /** As one node sees the storage. */
  onNode(
    node: string,
    storage: string,
    vmid: number | undefined,
    signal: AbortSignal,
  ): Promise<readonly Backup[]>;
  /**
   * On all nodes that have a storage of that name.
   *
   * @throws ProxmoxError `bad-parameter` where none has it, or the token may not see it
   */
  everywhere(
    storage: string,
    vmid: number | undefined,
    signal: AbortSignal,
  ): Promise<readonly Backup[]>;
}

/** Reads the lists afresh at each call. */
export function createBackupLists(client: Pick<ProxmoxClient, "get">): BackupLists {
  const onNode: BackupLists["onNode"] = async (node, storage, vmid, signal) => {
    const path = apiPath`/nodes/${node}/storage/${storage}/content`;
    const parameters = { content: "backup", vmid };
    const volumes = await client.get(path, storageContent, { parameters, signal });
    return volumes.flatMap(backupOf).sort(newestFirst);
  };

  /** One node where all see the same storage, else each that has its own. */
  async function nodesWith(storage: string, signal: AbortSignal): Promise<readonly string[]> {
    const parameters = { type: "storage" };
    const all = await client.get("/cluster/resources", storageResources, { parameters, signal });
    const places = all.filter((place) => place.storage === storage && place.status === "available");
    const [first] = places;
    if (!first) {
      const message = `No node has the storage ${storage} at the moment, or the API token may not see it.`;
      throw new ProxmoxError("bad-parameter", message);
    }
    return first.shared ? [first.node] : places.map(({ node }) => node);
  }

  return {
    onNode,

    async everywhere(storage, vmid, signal) {
      const nodes = await nodesWith(storage, signal);
      const lists = await Promise.all(nodes.map((node) => onNode(node, storage, vmid, signal)));
      return lists.flat().sort(newestFirst);
    },
  };
}

function newestFirst(a: Backup, b: Backup): number {
  return b.createdAt - a.createdAt;
}

/** Volumes of which Proxmox does not say what they hold are left out. */
function backupOf(volume: StorageVolume): Backup[] {
  const kind = kindOf(volume);
  if (kind === undefined || volume.vmid === undefined) return [];
  return [
    {
      volume: volume.volid,
      vmid: volume.vmid,
      kind,
      createdAt: volume.ctime * 1000,
      size: volume.size,
      protected: volume.protected,
      notes: volume.notes?.trim() || undefined,
    },
  ];
}

function kindOf({ subtype, volid }: StorageVolume): GuestKind | undefined {
  if (subtype === "lxc" || /backup\/(vzdump-lxc-|ct\/)/.test(volid)) return "ct";
  if (subtype === "qemu" || /backup\/(vzdump-qemu-|vm\/)/.test(volid)) return "vm";
  return undefined;
}
