import { apiPath } from "./api-path.ts";
import type { FollowOptions, Vmids } from "./guest-changes.ts";
import type { ProxmoxClient } from "./proxmox-client.ts";
import { nodeStorages, nodes, storageContent } from "./responses.ts";

/** Finds the disks that were left of a guest that is gone. */
export interface LeftoverVolumes {
  /**
   * The volumes of the VMID; of a node's storages, or of all nodes' where none is named. What
   * cannot be listed is told as progress, and what belongs to a successor is not left over.
   */
  of(
    vmid: number,
    node: string | undefined,
    options: Pick<FollowOptions, "signal" | "onProgress">,
  ): Promise<readonly string[]>;
}

interface Deps {
  readonly client: Pick<ProxmoxClient, "get">;
  readonly vmids: Pick<Vmids, "isFree">;
}

/** Looks at each storage that holds disks; backups are not disks. */
export function createLeftoverVolumes({ client, vmids }: Deps): LeftoverVolumes {
  async function volumesOn(node: string, storage: string, vmid: number, signal: AbortSignal) {
    const path = apiPath`/nodes/${node}/storage/${storage}/content`;
    const content = await client.get(path, storageContent, { parameters: { vmid }, signal });
    return content.filter((volume) => volume.content !== "backup").map(({ volid }) => volid);
  }

  async function onlineNodes(signal: AbortSignal): Promise<readonly string[]> {
    const members = await client.get("/nodes", nodes, { signal });
    return members.filter(({ status }) => status === "online").map(({ node }) => node);
  }

  return {
    async of(vmid, place, { signal, onProgress }) {
      const tell = (where: string) => {
        onProgress?.(`could not look for leftover volumes on ${where}`);
        return [];
      };
      const onNode = async (node: string) => {
        const path = apiPath`/nodes/${node}/storage`;
        const storages = await client.get(path, nodeStorages, { signal }).catch(() => tell(node));
        const lists = storages
          .filter(({ active, content }) => active && /images|rootdir/.test(content))
          .map(({ storage }) => volumesOn(node, storage, vmid, signal).catch(() => tell(storage)));
        return (await Promise.all(lists)).flat();
      };

      const places = place ? [place] : await onlineNodes(signal).catch(() => tell("any node"));
      const volumes = [...new Set((await Promise.all(places.map(onNode))).flat())];
      if (volumes.length === 0) return [];
      const isFree = await vmids.isFree(vmid, signal).catch(() => tell("any node"));
      return isFree === true ? volumes : [];
    },
  };
}
