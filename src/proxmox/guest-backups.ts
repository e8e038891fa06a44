import { apiPath } from "./api-path.ts";
import { createBackupLists } from "./backup-lists.ts";
import { fingerprintOf } from "./fingerprint.ts";
import type { Backup, FollowOptions, GuestBackups, GuestIdentity } from "./guest.ts";
import { labelOf } from "./guest-facts.ts";
import type { InventoryReader } from "./inventory.ts";
import type { LiveGuest, LiveGuests } from "./live-guests.ts";
import type { ProxmoxClient } from "./proxmox-client.ts";
import { ProxmoxError } from "./proxmox-error.ts";
import { backupConfig, type GuestConfig, nothing, taskStart } from "./responses.ts";
import type { Tasks } from "./tasks.ts";
import { parseUpid } from "./upid.ts";

/** A node runs one backup at a time, so one may wait three hours for another's end. */
const backupDeadline = 6 * 60 * 60_000;
const restoreDeadline = 6 * 60 * 60_000;

interface Deps {
  readonly client: Pick<ProxmoxClient, "get" | "post">;
  readonly inventory: Pick<InventoryReader, "invalidate">;
  readonly live: LiveGuests;
  readonly tasks: Tasks;
}

/** Backups by vzdump, each judged by what is listed in the end and not by its task alone. */
export function createGuestBackups({ client, inventory, live, tasks }: Deps): GuestBackups {
  const lists = createBackupLists(client);

  async function runBackup({ listed }: LiveGuest, storage: string, options: FollowOptions) {
    const { node, vmid } = listed;
    const parameters = {
      vmid,
      storage,
      mode: "snapshot",
      compress: "zstd",
      // Proxmox's default would prune an older backup for the new one.
      remove: false,
      protected: true,
      "notes-template": "{{guestname}} ({{vmid}}) on {{node}}, by proxmox-agent",
    };
    const path = apiPath`/nodes/${node}/vzdump`;
    const upid = await tasks.start(
      {
        node,
        vmid,
        types: ["vzdump"],
        send: () => client.post(path, taskStart, { parameters, signal: options.signal }),
      },
      options.signal,
    );
    await tasks.follow(upid, backupDeadline, options);
    return upid;
  }

  /** A task's OK is not a backup: it must be listed, be new, and hold this very guest. */
  async function requireBackup(
    { listed, fingerprint }: LiveGuest,
    storage: string,
    upid: string,
    signal: AbortSignal,
  ): Promise<Backup> {
    const startedAt = (parseUpid(upid)?.startTime ?? 0) * 1000;
    const backups = await lists.onNode(listed.node, storage, listed.vmid, signal);
    const backup = backups.find(({ createdAt }) => createdAt >= startedAt);
    const who = labelOf(listed);
    if (!backup) {
      const message = `The backup task of ${who} ended well, but ${storage} lists no new backup: ${upid}`;
      throw new ProxmoxError("task-failed", message, { upid });
    }
    const path = apiPath`/nodes/${listed.node}/vzdump/extractconfig`;
    const parameters = { volume: backup.volume };
    const config = parseConfig(await client.get(path, backupConfig, { parameters, signal }));
    if (fingerprintOf(listed.kind, config) === fingerprint) return backup;
    const message = `The backup ${backup.volume} does not hold the guest that was meant, ${who}.`;
    throw new ProxmoxError("changed-guest", message, { upid });
  }

  const restore: GuestBackups["restore"] = async ({ kind, volume }, place, options) => {
    const { node, vmid, storage } = place;
    const { signal } = options;
    // Answers 400 while the VMID is in use.
    await client.get("/cluster/nextid", nothing, { parameters: { vmid }, signal });
    const isContainer = kind === "ct";
    const path = isContainer ? apiPath`/nodes/${node}/lxc` : apiPath`/nodes/${node}/qemu`;
    const source = isContainer ? { ostemplate: volume, restore: true } : { archive: volume };
    const parameters = { vmid, storage, ...source };
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

    async backup(identity: GuestIdentity, storage, options) {
      const guest = await live.readIdentified(identity, options.signal);
      const { lock } = guest.config;
      if (lock) {
        const message = `${labelOf(guest.listed)} is locked (${lock}); try again when that has ended.`;
        throw new ProxmoxError("locked", message);
      }
      const upid = await runBackup(guest, storage, options);
      return requireBackup(guest, storage, upid, options.signal);
    },

    restore,
  };
}

/** Reads a configuration file's own part; its snapshots follow in sections. */
function parseConfig(text: string): GuestConfig {
  const lines = (text.split(/^\[/m, 1)[0] ?? "").split("\n");
  const entries = lines.flatMap((line) => {
    const [, key, value] = /^([\w-]+):\s*(.*)$/.exec(line) ?? [];
    return key === undefined ? [] : [[key, value] as const];
  });
  return Object.fromEntries(entries);
}
