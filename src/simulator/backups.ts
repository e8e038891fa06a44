import { Temporal } from "temporal-polyfill";
import { failure } from "./api-error.ts";
import { configText } from "./guest-config.ts";
import { assertUnlocked } from "./guest-lock.ts";
import { kinds } from "./kinds.ts";
import { fillNotes } from "./notes-template.ts";
import type { Simulation } from "./simulation.ts";
import { isShared } from "./storages.ts";
import type { TaskContext } from "./tasks.ts";
import { nameOf, type SimulatedGuest, type Volume } from "./world.ts";

/** Where a backup goes, and what is noted with it. */
export interface BackupOptions {
  readonly node: string;
  readonly storage: string;
  readonly notesTemplate?: string | undefined;
  readonly protected?: boolean | undefined;
}

const backupMs = 3000;
const sizeShare = 0.0005;

/**
 * Backs up one guest after the other, as one task of vzdump.
 *
 * @throws ApiError "job errors" when any of them failed
 */
export async function backUp(
  simulation: Simulation,
  vmids: readonly number[],
  options: BackupOptions,
  task: TaskContext,
): Promise<void> {
  const { storage, node } = options;
  task.log(
    `INFO: starting new backup job: vzdump ${vmids.join(" ")} --storage ${storage} --node ${node}`,
  );
  assertTakesBackups(simulation, options);
  let failed = false;
  for (const vmid of vmids) {
    try {
      await backUpOne(simulation, guestToBackUp(simulation, vmid), options, task);
    } catch (error) {
      if (error instanceof Error && error.name === "AbortError") throw error;
      failed = true;
      const reason = error instanceof Error ? error.message.trimEnd() : String(error);
      task.log(`ERROR: Backup of VM ${vmid} failed - ${reason}`);
      task.log(`INFO: Failed at ${dateTime(simulation.now(), "-", ":", " ")}`);
    }
  }
  task.log(`INFO: Backup job finished ${failed ? "with errors" : "successfully"}`);
  if (failed) throw failure("job errors");
}

async function backUpOne(
  simulation: Simulation,
  guest: SimulatedGuest,
  { node, storage, notesTemplate, protected: isProtected = false }: BackupOptions,
  task: TaskContext,
): Promise<void> {
  const { world, now } = simulation;
  const { vmid, kind, config, status } = guest;
  const { label } = kinds[kind];
  assertUnlocked(guest);
  const startedAt = now();
  const text = configText(config);
  const stamp = dateTime(startedAt, "_", "_", "-");
  const format = kind === "lxc" ? "tar.zst" : "vma.zst";
  const volid = `${storage}:backup/vzdump-${kind}-${vmid}-${stamp}.${format}`;
  task.log(`INFO: Starting Backup of VM ${vmid} (${kind})`);
  task.log(`INFO: status = ${status}`);
  task.log(`INFO: ${label} Name: ${nameOf(guest)}`);
  config.lock = "backup";
  try {
    await task.sleep(backupMs);
  } finally {
    delete config.lock;
  }
  world.volumes.set(volid, {
    volid,
    storage,
    node: isShared(world.storages.get(storage)) ? undefined : node,
    vmid,
    content: "backup",
    format,
    size: sizeOf(simulation, vmid),
    createdAt: Math.floor(startedAt / 1000),
    backup: {
      kind,
      configText: text,
      notes: notesTemplate && fillNotes(notesTemplate, guest),
      protected: isProtected,
    },
  });
  task.log(`INFO: creating vzdump archive '${volid}'`);
  task.log(`INFO: Finished Backup of VM ${vmid} (00:00:03)`);
}

/** @throws ApiError where the configuration of no node names it */
function guestToBackUp({ world }: Simulation, vmid: number): SimulatedGuest {
  const guest = world.guests.get(vmid);
  if (!guest) throw failure(`unable to find VM '${vmid}'`);
  return guest;
}

function assertTakesBackups({ world }: Simulation, { storage, node }: BackupOptions): void {
  const found = world.storages.get(storage);
  const about = `could not get storage information for '${storage}'`;
  if (!found?.nodes.includes(node)) throw failure(`${about}: storage '${storage}' does not exist`);
  if (!found.content.includes("backup")) {
    throw failure(`${about}: can't use storage '${storage}' for backup - wrong content type`);
  }
}

function sizeOf({ world }: Simulation, vmid: number): number {
  const isDisk = (volume: Volume) => volume.vmid === vmid && volume.content !== "backup";
  const disks = [...world.volumes.values()].filter(isDisk);
  return Math.round(disks.reduce((sum, { size }) => sum + size, 0) * sizeShare);
}

/** The nodes' clocks are on UTC. */
function dateTime(ms: number, date: string, time: string, between: string): string {
  const at = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO("UTC");
  const [day = "", clock = ""] = at
    .toPlainDateTime()
    .toString({ smallestUnit: "second" })
    .split("T");
  return `${day.replaceAll("-", date)}${between}${clock.replaceAll(":", time)}`;
}
