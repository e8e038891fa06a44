import { failure } from "./api-error.ts";
import { disksOf } from "./guest-config.ts";
import { assertUnlocked } from "./guest-lock.ts";
import { kinds } from "./kinds.ts";
import type { Simulation } from "./simulation.ts";
import { createByHand } from "./successors.ts";
import type { TaskContext } from "./tasks.ts";
import { haId, type SimulatedGuest, writeRefusal } from "./world.ts";

/** How a guest is destroyed. */
export interface DestroyOptions {
  /** Also out of backup jobs, HA resources and replication. */
  readonly purge?: boolean | undefined;
  /** Containers only: even while it runs. */
  readonly force?: boolean | undefined;
}

const destroyMs = 2000;
const forgetMs = 500;

/** What is left of a configuration once its disks are freed. */
const remnant = { lock: "destroyed" } as const;

/**
 * What Proxmox checks before it makes a task of it.
 *
 * @throws ApiError 500
 */
export function assertDestroyable(
  { world, ha }: Simulation,
  guest: SimulatedGuest,
  { purge = false, force = false }: DestroyOptions,
): void {
  const { kind, vmid, config, status } = guest;
  const { label } = kinds[kind];
  if (config.protection) throw failure(`can't remove ${label} ${vmid} - protection mode enabled`);
  assertUnlocked(guest);
  if (!purge && ha.resourceOf(kind, vmid)) {
    const what = `used in HA resources and purge parameter not set.`;
    throw failure(`unable to remove ${label} ${vmid} - ${what}`);
  }
  const job = [...world.replication.values()].find((replication) => replication.vmid === vmid);
  if (!purge && job) {
    const what = `There is a replication job '${job.id}' for guest '${vmid}'`;
    throw failure(`${what} - Please remove that first.`);
  }
  if (status !== "stopped" && !force) throw failure(runningMessage[kind](vmid));
}

/**
 * Frees the disks, then empties the configuration, then removes it and what refers to it: without
 * quorum only the first succeeds, and a node that dies may leave what is between.
 */
export async function destroy(
  simulation: Simulation,
  guest: SimulatedGuest,
  { purge = false }: DestroyOptions,
  task: TaskContext,
): Promise<void> {
  const { world, acl } = simulation;
  const { kind, vmid } = guest;
  if (guest.status !== "stopped") {
    task.log(`forced to stop CT ${vmid} before destroying!`);
    guest.status = "stopped";
  }
  await task.sleep(destroyMs);
  for (const { volume } of disksOf(guest.config)) world.volumes.delete(volume);
  if (!world.quorate) throw writeRefusal(guest, task.pid);
  guest.config = { ...remnant };
  await task.sleep(forgetMs);
  if (purge) {
    task.log(`purging ${kinds[kind].label} ${vmid} from related configurations..`);
    purgeFrom(simulation, guest, task);
  }
  world.guests.delete(vmid);
  acl.revokeAll(`/vms/${vmid}`);
  const successor = world.successors.get(vmid);
  if (!successor) return;
  world.successors.delete(vmid);
  createByHand(simulation, successor);
}

function purgeFrom({ world }: Simulation, { kind, vmid }: SimulatedGuest, task: TaskContext): void {
  if (world.ha.delete(haId(kind, vmid))) {
    task.log(`NOTE: removed ${kinds[kind].label} ${vmid} from HA resource configuration.`);
  }
  for (const { id, vmid: replicated } of world.replication.values()) {
    if (replicated === vmid) world.replication.delete(id);
  }
  for (const job of world.backupJobs.values()) {
    job.vmids = job.vmids.filter((other) => other !== vmid);
  }
}

const runningMessage = {
  lxc: (vmid: number) => `unable to destroy CT ${vmid} - container is running`,
  qemu: (vmid: number) => `VM ${vmid} is running - destroy failed`,
};
