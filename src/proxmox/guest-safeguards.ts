import type { Guest, GuestBackups, GuestSafeguards, Safeguards } from "./guest.ts";
import { guestPath } from "./live-guests.ts";
import type { ProxmoxClient } from "./proxmox-client.ts";
import { snapshots, storageResources } from "./responses.ts";

interface Deps {
  readonly client: Pick<ProxmoxClient, "get">;
  readonly backups: Pick<GuestBackups, "list">;
}

/** Proxmox lists the present state among the snapshots, under this name. */
const presentState = "current";

/** Looks at snapshots and backups side by side; what cannot be read is left out. */
export function createGuestSafeguards({ client, backups }: Deps): GuestSafeguards {
  async function snapshotsOf(
    guest: Pick<Guest, "vmid" | "kind" | "node">,
    signal: AbortSignal,
  ): Promise<Safeguards> {
    const listed = await client.get(`${guestPath(guest)}/snapshot`, snapshots, { signal });
    const names = listed.map(({ name }) => name).filter((name) => name !== presentState);
    return { snapshots: names };
  }

  async function lastBackupOf(vmid: number, signal: AbortSignal): Promise<Safeguards> {
    const parameters = { type: "storage" };
    const all = await client.get("/cluster/resources", storageResources, { parameters, signal });
    const places = all.filter(({ content }) => content.split(",").includes("backup"));
    const storages = [...new Set(places.map(({ storage }) => storage))];
    // Seeing no storage may be a right that is missing, so it does not say that there is no backup.
    if (storages.length === 0) return {};
    const listed = await Promise.all(storages.map((name) => backups.list(name, vmid, signal)));
    const times = listed.flat().map(({ createdAt }) => createdAt);
    return { lastBackup: times.length > 0 ? Math.max(...times) : "none" };
  }

  return {
    async read(guest, signal) {
      const known = await Promise.allSettled([
        snapshotsOf(guest, signal),
        lastBackupOf(guest.vmid, signal),
      ]);
      signal.throwIfAborted();
      const parts = known.map((part) => (part.status === "fulfilled" ? part.value : {}));
      return Object.assign({}, ...parts);
    },
  };
}
