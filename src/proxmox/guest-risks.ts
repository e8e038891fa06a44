import type { Clock } from "#src/clock.ts";
import { backupJobsOf } from "./backup-jobs.ts";
import type { BackupLists } from "./backup-lists.ts";
import type { GuestIdentity } from "./guest.ts";
import { disksOf } from "./guest-facts.ts";
import type { GuestLoad, GuestRisk, GuestRisks } from "./guest-risk.ts";
import type { InventoryReader } from "./inventory.ts";
import { lastBackupOf } from "./last-backup.ts";
import { linkedClonesOf } from "./linked-clones.ts";
import { guestPath, type LiveGuest, type LiveGuests } from "./live-guests.ts";
import type { ProxmoxClient } from "./proxmox-client.ts";
import { ProxmoxError } from "./proxmox-error.ts";
import { loadHistory, replicationJobs, snapshots } from "./responses.ts";
import { runningTasksOn } from "./running-tasks.ts";
import { createTokenRights } from "./token-rights.ts";

/** Nobody waits longer for a cluster that is slow; what is missing by then is not known. */
const patience = 3_000;
/** Proxmox lists the present state among the snapshots, under this name. */
const presentState = "current";
/** What a deletion takes: shutting down, backing up, destroying. */
const privilegesToDelete = ["VM.PowerMgmt", "VM.Backup", "VM.Allocate"];
/** Seconds after which an average tells nothing of the present. */
const recent = 300;

interface Deps {
  readonly client: Pick<ProxmoxClient, "get" | "serverTime">;
  readonly clock: Clock;
  readonly inventory: InventoryReader;
  readonly live: LiveGuests;
  readonly lists: Pick<BackupLists, "everywhere">;
}

type Part = (signal: AbortSignal) => Promise<GuestRisk>;

/** Reads everything side by side. */
export function createGuestRisks({ client, clock, inventory, live, lists }: Deps): GuestRisks {
  const rights = createTokenRights({ client, clock });
  const deps = { client, inventory, lists, rights };

  /** What needs no more than the VMID. */
  function partsOf({ vmid }: GuestIdentity): readonly Part[] {
    return [
      async (signal) => ({ lastBackup: await lastBackupOf(deps, vmid, signal) }),
      async (signal) => {
        const jobs = await client.get("/cluster/replication", replicationJobs, { signal });
        const own = jobs.filter(({ guest }) => guest === vmid);
        return { replicas: own.map(({ id, target }) => target ?? id) };
      },
      async (signal) => {
        const held = await rights.on(`/vms/${vmid}`, signal);
        return { lackedPrivileges: privilegesToDelete.filter((one) => !held.has(one)) };
      },
    ];
  }

  async function runningTasksOf({ listed }: LiveGuest, signal: AbortSignal): Promise<GuestRisk> {
    const [held, runningTasks] = await Promise.all([
      rights.on(`/nodes/${listed.node}`, signal),
      runningTasksOn(client, listed, signal),
    ]);
    return runningTasks.length > 0 || held.has("Sys.Audit") ? { runningTasks } : {};
  }

  async function loadOf(guest: LiveGuest, signal: AbortSignal): Promise<GuestRisk> {
    if (guest.status !== "running") return {};
    const path = `${guestPath(guest.listed)}/rrddata`;
    const parameters = { timeframe: "hour", cf: "AVERAGE" };
    const history = await client.get(path, loadHistory, { parameters, signal });
    const since = client.serverTime() - recent;
    const last = history.findLast(({ cpu, time }) => cpu !== undefined && time >= since);
    return { load: last && averageOf(last) };
  }

  /** What is asked of the guest's own node. */
  async function liveParts(guest: LiveGuest, known: Known): Promise<GuestRisk> {
    const { listed, config, current, status } = guest;
    const parts: readonly Part[] = [
      async (signal) => {
        const all = await client.get(`${guestPath(listed)}/snapshot`, snapshots, { signal });
        return { snapshots: all.map(({ name }) => name).filter((name) => name !== presentState) };
      },
      async (signal) => ({ backupJobs: await backupJobsOf(deps, listed, signal) }),
      async (signal) => ({ linkedClones: await linkedClonesOf(deps, guest, signal) }),
      (signal) => runningTasksOf(guest, signal),
      (signal) => loadOf(guest, signal),
    ];
    const { uptime, ha } = current;
    const read = { status, uptime, disks: disksOf(config), haManaged: ha?.managed };
    return Object.assign(read, ...(await Promise.all(parts.map(known))));
  }

  return {
    async read(guest, caller) {
      const signal = AbortSignal.any([AbortSignal.timeout(patience), ...(caller ? [caller] : [])]);
      const known: Known = (part) => part(signal).catch(unlessKnown(signal));
      const [own, ...others] = await Promise.all([
        known(async () => liveParts(await live.readIdentified(guest, signal), known)),
        ...partsOf(guest).map(known),
      ]);
      // Without having seen the guest itself, the rest may be about another one.
      return own.status === undefined ? {} : Object.assign({}, own, ...others);
    },
  };
}

type Known = (part: Part) => Promise<GuestRisk>;

/** What could not be read is not known; a mistake of ours is still one. */
function unlessKnown(signal: AbortSignal): (error: unknown) => GuestRisk {
  return (error) => {
    if (error instanceof ProxmoxError || signal.aborted) return {};
    throw error;
  };
}

interface Average {
  readonly cpu?: number | undefined;
  readonly netin: number;
  readonly netout: number;
  readonly diskread: number;
  readonly diskwrite: number;
}

function averageOf({ cpu = 0, netin, netout, diskread, diskwrite }: Average): GuestLoad {
  return { cpu, network: netin + netout, disk: diskread + diskwrite };
}
