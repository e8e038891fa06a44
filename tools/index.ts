import type { ActionExecutor } from "#src/actions/action-executor.ts";
import type { Tool } from "#src/actions/tool.ts";
import type { AuditLog } from "#src/audit/audit-log.ts";
import type { Clock } from "#src/clock.ts";
import type { DeletionStore } from "#src/deletions/deletion-store.ts";
import type { HoldStore } from "#src/holds/hold-store.ts";
import type { Leases } from "#src/leases/leases.ts";
import type { Principal } from "#src/policy/principal.ts";
import type { Cluster } from "#src/proxmox/cluster-status.ts";
import type { Guests } from "#src/proxmox/guest.ts";
import type {
  GuestBackups,
  GuestMarks,
  GuestOwnership,
  GuestPower,
  Vmids,
} from "#src/proxmox/guest-changes.ts";
import { previewAction } from "./audit/preview-action.ts";
import { searchAuditLog } from "./audit/search-audit-log.ts";
import { getClusterStatus } from "./cluster/get-cluster-status.ts";
import { cancelDeletion } from "./deletions/cancel-deletion.ts";
import { listRestorableGuests } from "./deletions/list-restorable-guests.ts";
import { listScheduledDeletions } from "./deletions/list-scheduled-deletions.ts";
import type { Preparation } from "./deletions/preparation.ts";
import { releaseHeldDeletions } from "./deletions/release-held-deletions.ts";
import { rescheduleDeletion } from "./deletions/reschedule-deletion.ts";
import { restoreGuest } from "./deletions/restore-guest.ts";
import { scheduleDeletion } from "./deletions/schedule-deletion.ts";
import { getGuest } from "./guests/get-guest.ts";
import { listGuests } from "./guests/list-guests.ts";
import { rebootGuest } from "./guests/reboot-guest.ts";
import { shutdownGuest } from "./guests/shutdown-guest.ts";
import { startGuest } from "./guests/start-guest.ts";
import { stopGuest } from "./guests/stop-guest.ts";
import { transferGuest } from "./guests/transfer-guest.ts";
import { holdGuest } from "./holds/hold-guest.ts";
import { listHolds } from "./holds/list-holds.ts";
import { releaseHold } from "./holds/release-hold.ts";
import { extendLease } from "./leases/extend-lease.ts";
import { listLeases } from "./leases/list-leases.ts";

/** All that the model's tools reach. What destroys a guest is not here, and must never be. */
export interface ModelToolDeps {
  readonly guests: Guests;
  readonly power: GuestPower;
  readonly cluster: Cluster;
  readonly backups: Pick<GuestBackups, "restore">;
  readonly vmids: Vmids;
  readonly marks: Pick<GuestMarks, "clear">;
  readonly ownership: GuestOwnership;
  readonly holds: HoldStore;
  readonly deletions: Pick<
    DeletionStore,
    | "schedule"
    | "findOpen"
    | "listOpen"
    | "listRestorable"
    | "markRestored"
    | "reschedule"
    | "takeOver"
    | "cancel"
    | "hold"
  >;
  readonly leases: Leases;
  readonly clock: Clock;
  readonly preparation: Preparation;
  readonly audit: Pick<AuditLog, "find">;
  /** Of the executor that gets these tools. */
  readonly preview: ActionExecutor["preview"];
  people(): readonly Principal[];
}

/** What the model can call: these and nothing else. */
export function createModelTools(deps: ModelToolDeps): readonly Tool[] {
  const tools = [
    listGuests(deps),
    getGuest(deps),
    getClusterStatus(deps),
    startGuest(deps),
    shutdownGuest(deps),
    stopGuest(deps),
    rebootGuest(deps),
    transferGuest(deps),
    holdGuest(deps),
    releaseHold(deps),
    listHolds(deps),
    scheduleDeletion(deps),
    listScheduledDeletions(deps),
    cancelDeletion(deps),
    rescheduleDeletion(deps),
    releaseHeldDeletions(deps),
    extendLease(deps),
    listLeases(deps),
    listRestorableGuests(deps),
    restoreGuest(deps),
    searchAuditLog(deps),
  ];
  return [...tools, previewAction(deps, tools)];
}
