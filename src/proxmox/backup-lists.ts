import { apiPath } from "./api-path.ts";
import type { GuestKind } from "./guest.ts";
import type { Backup } from "./guest-changes.ts";
import type { ProxmoxClient } from "./proxmox-client.ts";
import { isKind, ProxmoxError } from "./proxmox-error.ts";
import { nothing, type StorageVolume, storageContent, storageResources } from "./responses.ts";

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
   * The node that has the backup; nothing where it is certain that none has it.
   *
   * @throws ProxmoxError `forbidden` where the token may not see it, `node-unreachable` where a
   *   node is away that may have it
   */
  nodeOf(volume: string, signal: AbortSignal): Promise<string | undefined>;
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
  async function placesOf(storage: string, signal: AbortSignal) {
    const parameters = { type: "storage" };
    const all = await client.get("/cluster/resources", storageResources, { parameters, signal });
    const places = all.filter((place) => place.storage === storage);
    const present = places.filter(({ status }) => status === "available");
    const [first] = present;
    if (!first) {
      const message = `No node has the storage ${storage} at the moment, or the API token may not see it.`;
      throw new ProxmoxError("bad-parameter", message);
    }
    if (first.shared) return { nodes: [first.node], away: [] };
    const away = places.filter(({ status }) => status !== "available");
    return { nodes: present.map(({ node }) => node), away: away.map(({ node }) => node) };
  }

  /** A list leaves out what the token may not see; asking for the volume itself tells. */
  async function hasVolume(node: string, storage: string, volume: string, signal: AbortSignal) {
    const listed = await onNode(node, storage, undefined, signal);
    if (listed.some((backup) => backup.volume === volume)) return true;
    const path = apiPath`/nodes/${node}/storage/${storage}/content/${volume}`;
    await client.get(path, nothing, { signal }).catch((error: unknown) => {
      if (isKind(error, "forbidden")) throw error;
    });
    return false;
  }

  return {
    onNode,

    async nodeOf(volume, signal) {
      const [storage = ""] = volume.split(":", 1);
      const { nodes, away } = await placesOf(storage, signal);
      for (const node of nodes) {
        if (await hasVolume(node, storage, volume, signal)) return node;
      }
      if (away.length === 0) return undefined;
      const message = `${volume} may be on ${away.join(", ")}, where the storage is not available at the moment; try again when it is back.`;
      throw new ProxmoxError("node-unreachable", message);
    },

    async everywhere(storage, vmid, signal) {
      const { nodes } = await placesOf(storage, signal);
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
      ...(volume.verification && { verified: volume.verification.state === "ok" }),
      notes: volume.notes?.trim() || undefined,
    },
  ];
}

function kindOf({ subtype, volid }: StorageVolume): GuestKind | undefined {
  if (subtype === "lxc" || /backup\/(vzdump-lxc-|ct\/)/.test(volid)) return "ct";
  if (subtype === "qemu" || /backup\/(vzdump-qemu-|vm\/)/.test(volid)) return "vm";
  return undefined;
}
