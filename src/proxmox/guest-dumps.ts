import { apiPath } from "./api-path.ts";
import { readBackedUpConfig } from "./backup-contents.ts";
import type { BackupLists } from "./backup-lists.ts";
import { fingerprintOf } from "./fingerprint.ts";
import type { GuestPreparation } from "./guest-changes.ts";
import { labelOf } from "./guest-facts.ts";
import type { LiveGuests } from "./live-guests.ts";
import type { ProxmoxClient } from "./proxmox-client.ts";
import { ProxmoxError } from "./proxmox-error.ts";
import { taskStart } from "./responses.ts";
import type { Tasks } from "./tasks.ts";
import { parseUpid } from "./upid.ts";

interface Deps {
  readonly client: Pick<ProxmoxClient, "get" | "post">;
  readonly live: Pick<LiveGuests, "readIdentified">;
  readonly tasks: Pick<Tasks, "start" | "findRunning">;
  readonly lists: Pick<BackupLists, "onNode">;
}

/** Backups by vzdump, each judged by what is listed in the end and not by its task alone. */
export function createGuestDumps({
  client,
  live,
  tasks,
  lists,
}: Deps): Pick<GuestPreparation, "beginBackup" | "findBackup"> {
  return {
    async beginBackup(identity, storage, note, signal) {
      const { listed, config } = await live.readIdentified(identity, signal);
      const { node, vmid } = listed;
      const call = { node, vmid, types: ["vzdump"] };
      const running = await tasks.findRunning(call, signal);
      if (running) return { upid: running };
      if (config.lock) {
        const message = `${labelOf(listed)} is locked (${config.lock}); try again when that has ended.`;
        throw new ProxmoxError("locked", message);
      }
      const parameters = {
        vmid,
        storage,
        mode: "snapshot",
        compress: "zstd",
        // Proxmox's default would prune an older backup for the new one.
        remove: false,
        protected: true,
        "notes-template": notesTemplate(note),
      };
      const path = apiPath`/nodes/${node}/vzdump`;
      const send = () => client.post(path, taskStart, { parameters, signal });
      return { upid: await tasks.start({ ...call, send }, signal) };
    },

    async findBackup({ vmid, kind, fingerprint }, storage, upid, signal) {
      const who = labelOf({ kind, vmid });
      const task = parseUpid(upid);
      if (!task) throw new ProxmoxError("task-failed", `"${upid}" is no task of Proxmox VE.`);
      const { node, startTime } = task;
      const listed = await lists.onNode(node, storage, vmid, signal);
      // Others' backups may be newer; ours is the first since, and protected as it was asked for.
      const backup = listed.findLast((one) => one.createdAt >= startTime * 1000 && one.protected);
      if (!backup) {
        const message = `The backup task of ${who} ended well, but ${storage} lists no new backup: ${upid}`;
        throw new ProxmoxError("task-failed", message, { upid });
      }
      const config = await readBackedUpConfig(client, { node, volume: backup.volume }, signal);
      if (fingerprintOf(kind, config) === fingerprint) return backup;
      const message = `The backup ${backup.volume} does not hold the guest that was meant, ${who}.`;
      throw new ProxmoxError("changed-guest", message, { upid });
    },
  };
}

/**
 * What Proxmox makes a backup's notes of: one line, in which `{{…}}` is a variable and a backslash
 * begins an escape; braces have none, so those of the note are drawn apart.
 */
function notesTemplate(note: string): string {
  const escaped = note
    .replaceAll("\\", "\\\\")
    .replaceAll(/\r?\n/g, "\\n")
    .replaceAll(/\{(?=\{)/g, "{ ");
  return `{{guestname}} ({{vmid}}) on {{node}}, by proxmox-agent: ${escaped}`;
}
