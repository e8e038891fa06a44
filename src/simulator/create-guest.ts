import type { Caller } from "./acl.ts";
import { ApiError, failure, forbidden, parameterError } from "./api-error.ts";
import { destroy } from "./destroy.ts";
import { type GuestConfig, parseConfig } from "./guest-config.ts";
import { freshIdentifiers } from "./identity.ts";
import { type ApiKind, kinds } from "./kinds.ts";
import { createdConfig, restoredConfig } from "./new-guest.ts";
import type { Simulation } from "./simulation.ts";
import { addDisks, storageOn } from "./storages.ts";
import type { TaskContext } from "./tasks.ts";
import type { SimulatedGuest } from "./world.ts";

/** A guest to be made: anew, or out of a backup. */
export interface GuestRequest {
  readonly kind: ApiKind;
  readonly node: string;
  readonly vmid: number;
  readonly storage?: string | undefined;
  readonly force?: boolean | undefined;
  readonly unique?: boolean | undefined;
  readonly start?: boolean | undefined;
  readonly pool?: string | undefined;
  /** The backup to restore from; absent for a new guest. */
  readonly archive?: string | undefined;
  /** What a new guest is to be like. */
  readonly settings: Readonly<Record<string, unknown>>;
}

const createMs = 1000;
const restoreMs = 2500;

/**
 * What Proxmox checks before it makes a task of it.
 *
 * @throws ApiError 403 or 500
 */
export function assertCreatable({ world, acl }: Simulation, request: GuestRequest, by: Caller) {
  const { kind, node, vmid, force, archive, pool } = request;
  if (pool !== undefined && !world.pools.has(pool)) {
    throw new ApiError(403, `Permission check failed (pool '${pool}' does not exist)\n`);
  }
  if (!acl.allows(by, `/vms/${vmid}`, "VM.Allocate")) {
    acl.demand(by, pool ? `/pool/${pool}` : `/vms/${vmid}`, "VM.Allocate");
  }
  assertDisksAllowed({ world, acl }, request, by);
  if (!world.quorate) throw failure("cluster not ready - no quorum?");
  const existing = world.guests.get(vmid);
  if (!existing) return;
  if (!force || !archive || existing.kind !== kind || existing.node !== node) {
    const { label } = kinds[existing.kind];
    throw failure(`${label} ${vmid} already exists on node '${existing.node}'`);
  }
  if (existing.status !== "stopped") {
    throw failure(`unable to restore ${kinds[kind].label} ${vmid} - guest is running`);
  }
}

/** A container's disks go where they are asked for; one that says nothing gets them on `local`. */
function assertDisksAllowed(
  { world, acl }: Pick<Simulation, "world" | "acl">,
  { kind, node, vmid, storage, archive, pool, settings }: GuestRequest,
  by: Caller,
): void {
  const demandSpace = (id: string) => acl.demand(by, `/storage/${id}`, "Datastore.AllocateSpace");
  if (kind === "qemu" || !archive) {
    if (storage) demandSpace(storage);
    return;
  }
  const asked = Object.keys(settings).filter((key) => /^(rootfs|mp\d+)$/.test(key));
  const isAllowed = pool !== undefined && acl.allows(by, `/pool/${pool}`, "VM.Config.Disk");
  if (asked.length > 0 && !isAllowed) acl.demand(by, `/vms/${vmid}`, "VM.Config.Disk");
  const ids = asked.map((key) => String(settings[key]).split(":", 1)[0] ?? "");
  for (const id of ids.length > 0 ? ids : [storage ?? "local"]) {
    if (!storageOn(world, node, id).content.includes("rootdir")) {
      const problem = `storage '${id}' does not support container directories`;
      throw parameterError({ storage: problem });
    }
    demandSpace(id);
  }
}

/**
 * The configuration that a new guest gets.
 *
 * @throws ApiError 403 where the caller may not use its bridge
 */
export function newGuestConfig(
  { world, acl, now }: Simulation,
  request: GuestRequest,
  caller: Caller,
): GuestConfig {
  const identifiers = freshIdentifiers(now());
  const backup = request.archive ? world.volumes.get(request.archive)?.backup : undefined;
  if (request.archive && !backup) throw failure(`volume '${request.archive}' does not exist`);
  const config = backup
    ? restoredConfig(world, request, parseConfig(backup.configText), identifiers, request)
    : createdConfig(world, request, request.settings, identifiers);
  const bridge = /bridge=(\w+)/.exec(String(config.net0 ?? ""))?.[1];
  const zone = `/sdn/zones/localnetwork/${bridge}`;
  if (bridge && !acl.allows(caller, zone, "SDN.Use")) throw forbidden(zone, "SDN.Use");
  return config;
}

/** Makes a guest of a configuration, which is locked until it is there. */
export async function createGuest(
  simulation: Simulation,
  request: GuestRequest,
  config: GuestConfig,
  task: TaskContext,
): Promise<void> {
  const guest = addGuest(simulation, request, config);
  await task.sleep(createMs);
  finish(simulation, request, guest);
}

/** Restores a guest; one that has the VMID is destroyed first. */
export async function restoreGuest(
  simulation: Simulation,
  request: GuestRequest,
  caller: Caller,
  task: TaskContext,
): Promise<void> {
  task.log(`recovering backed-up configuration from '${request.archive}'`);
  const config = configOrReason(simulation, request, caller);
  const existing = simulation.world.guests.get(request.vmid);
  if (existing) await destroy(simulation, existing, {}, task);
  const guest = addGuest(simulation, request, config);
  task.log(`restoring '${request.archive}' now..`);
  await task.sleep(restoreMs);
  task.log("merging backed-up and given configuration..");
  finish(simulation, request, guest);
}

function addGuest(
  { world, now }: Simulation,
  { vmid, kind, node, pool }: GuestRequest,
  config: GuestConfig,
): SimulatedGuest {
  const guest: SimulatedGuest = {
    vmid,
    kind,
    node,
    config: { ...config, lock: "create" },
    status: "stopped",
    startedAt: now(),
    snapshots: [],
    pool,
    unresponsive: false,
  };
  world.guests.set(vmid, guest);
  addDisks(world, guest, Math.floor(now() / 1000));
  return guest;
}

function finish({ now }: Simulation, { start }: GuestRequest, guest: SimulatedGuest): void {
  delete guest.config.lock;
  if (!start) return;
  guest.status = "running";
  guest.startedAt = now();
}

/** @throws ApiError as the task words it */
function configOrReason(simulation: Simulation, request: GuestRequest, by: Caller): GuestConfig {
  try {
    return newGuestConfig(simulation, request, by);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.trimEnd() : String(cause);
    const denied = reason.startsWith("Permission") ? `403 ${reason}` : reason;
    throw failure(`unable to restore ${kinds[request.kind].label} ${request.vmid} - ${denied}`);
  }
}
