import { apiPath } from "./api-path.ts";
import type { BackupLists } from "./backup-lists.ts";
import type { GuestBackups, Vmids } from "./guest-changes.ts";
import type { InventoryReader } from "./inventory.ts";
import type { ProxmoxClient } from "./proxmox-client.ts";
import { ProxmoxError } from "./proxmox-error.ts";
import { nothing, taskStart, taskStartOrNull } from "./responses.ts";
import { restoredDisks } from "./restored-disks.ts";
import type { Tasks } from "./tasks.ts";

const restoreDeadline = 6 * 60 * 60_000;
const removeDeadline = 10 * 60_000;

interface Deps {
  readonly client: Pick<ProxmoxClient, "get" | "post" | "put" | "delete">;
  readonly inventory: Pick<InventoryReader, "invalidate">;
  readonly tasks: Pick<Tasks, "start" | "follow">;
  readonly lists: BackupLists;
  readonly vmids: Pick<Vmids, "isFree">;
}

/** What is done with backups once they are there. */
export function createGuestBackups(deps: Deps): GuestBackups {
  const { client, inventory, tasks, lists, vmids } = deps;

  const restore: GuestBackups["restore"] = async (backup, place, options) => {
    const { node, vmid, pool } = place;
    const { signal } = options;
    if (!(await vmids.isFree(vmid, signal))) {
      const message = `VMID ${vmid} is in use, so nothing was restored under it; take another one.`;
      throw new ProxmoxError("bad-parameter", message);
    }
    const isContainer = backup.kind === "ct";
    const path = isContainer ? apiPath`/nodes/${node}/lxc` : apiPath`/nodes/${node}/qemu`;
    const { volume } = backup;
    const source = isContainer ? { ostemplate: volume, restore: true } : { archive: volume };
    const disks = await restoredDisks(client, backup, node, signal);
    const parameters = { vmid, pool, ...source, ...disks };
    try {
      const upid = await tasks.start(
        {
          node,
          vmid,
          types: [isContainer ? "vzrestore" : "qmrestore"],
          send: () => client.post(path, taskStart, { parameters, signal }),
        },
        signal,
      );
      await tasks.follow(upid, restoreDeadline, options);
      return { upid };
    } finally {
      inventory.invalidate();
    }
  };

  return {
    list: lists.everywhere,
    restore,

    async remove({ volume }, signal) {
      const node = await lists.nodeOf(volume, signal);
      if (!node) return;
      const [storage = ""] = volume.split(":", 1);
      const path = apiPath`/nodes/${node}/storage/${storage}/content/${volume}`;
      // A protected one cannot be removed.
      await client.put(path, nothing, { parameters: { protected: false }, signal });
      const upid = await client.delete(path, taskStartOrNull, { signal });
      if (upid) await tasks.follow(upid, removeDeadline, { signal });
    },
  };
}
