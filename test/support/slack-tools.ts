import type { Tool } from "#src/actions/tool.ts";
import type { Cluster } from "#src/proxmox/cluster-status.ts";
import type { GuestPower } from "#src/proxmox/guest-changes.ts";
import { noHolds } from "#test/support/holds.ts";
import { createModelTools, type ModelToolDeps } from "#tools/index.ts";
import { noLeases } from "./leases.ts";

/** The model's tools on a cluster where nothing but the schedule can be changed. */
export function toolsOn(
  deps: Pick<ModelToolDeps, "guests" | "deletions" | "clock"> & {
    readonly leases?: ModelToolDeps["leases"] | undefined;
  },
): readonly Tool[] {
  return createModelTools({
    ...deps,
    power,
    cluster,
    backups: { restore: unused },
    vmids: { isFree: unused, next: unused },
    marks: { clear: unused },
    ownership: { canOwn: () => true, setOwner: unused },
    holds: noHolds,
    leases: deps.leases ?? noLeases,
    audit: { find: unused },
    preview: unused,
    people: () => [],
    preparation: { shutdownMinutes: 5, backup: { storage: "backup-nfs", days: 30 } },
  });
}

const unused = () => Promise.reject(new Error("This cluster changes no guest."));
const power: GuestPower = { start: unused, shutdown: unused, stop: unused, reboot: unused };

const cluster: Cluster = {
  status: async () => ({
    name: "lab",
    quorate: true,
    version: "9.1.2",
    nodes: [
      {
        name: "pve1",
        online: true,
        cpu: 0.25,
        memoryUsed: 2 ** 30,
        memoryTotal: 2 ** 32,
        uptime: 90_000,
      },
      { name: "pve2", online: false },
    ],
  }),
};
