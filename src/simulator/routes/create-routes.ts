import type { Caller } from "#src/simulator/acl.ts";
import { failure, forbidden } from "#src/simulator/api-error.ts";
import { destroy } from "#src/simulator/destroy.ts";
import { type GuestConfig, parseConfig } from "#src/simulator/guest-config.ts";
import { freshIdentifiers } from "#src/simulator/identity.ts";
import { type ApiKind, kinds } from "#src/simulator/kinds.ts";
import { createdConfig, restoredConfig } from "#src/simulator/new-guest.ts";
import { type Route, route } from "#src/simulator/router.ts";
import type { Simulation } from "#src/simulator/simulation.ts";
import type { TaskContext } from "#src/simulator/tasks.ts";
import { addDisks, type SimulatedGuest } from "#src/simulator/world.ts";

const common = {
  vmid: "integer",
  storage: "string?",
  force: "boolean?",
  unique: "boolean?",
  start: "boolean?",
  pool: "string?",
  memory: "integer?",
  cores: "integer?",
  net0: "string?",
  ostype: "string?",
  tags: "string?",
  description: "string?",
  protection: "boolean?",
  onboot: "boolean?",
  bwlimit: "integer?",
} as const;
const parameters = {
  lxc: {
    ...common,
    ostemplate: "string",
    restore: "boolean?",
    hostname: "string?",
    swap: "integer?",
    rootfs: "string?",
    arch: "string?",
    features: "string?",
    password: "string?",
    unprivileged: "boolean?",
  },
  qemu: {
    ...common,
    archive: "string?",
    name: "string?",
    agent: "string?",
    scsi0: "string?",
    "live-restore": "boolean?",
  },
} as const;

interface Request {
  readonly node: string;
  readonly vmid: number;
  readonly storage?: string | undefined;
  readonly force?: boolean | undefined;
  readonly unique?: boolean | undefined;
  readonly start?: boolean | undefined;
  readonly pool?: string | undefined;
  /** The backup to restore from; absent for a new guest. */
  readonly archive?: string | undefined;
}

const createMs = 1000;
const restoreMs = 2500;

/** Making guests of one kind, new ones and out of backups. */
export function createRoutes(simulation: Simulation, kind: ApiKind): readonly Route[] {
  const { world, acl, tasks, now } = simulation;
  const { label, taskPrefix } = kinds[kind];

  function assertAllowed({ node, vmid, storage, force, archive, pool }: Request, caller: Caller) {
    if (!pool) acl.demand(caller, `/vms/${vmid}`, "VM.Allocate");
    else if (!acl.allows(caller, `/vms/${vmid}`, "VM.Allocate")) {
      acl.demand(caller, `/pool/${pool}`, "VM.Allocate");
    }
    if (storage) acl.demand(caller, `/storage/${storage}`, "Datastore.AllocateSpace");
    if (!world.quorate) throw failure("cluster not ready - no quorum?");
    const existing = world.guests.get(vmid);
    if (!existing) return;
    if (!force || !archive || existing.kind !== kind || existing.node !== node) {
      const here = `${kinds[existing.kind].label} ${vmid}`;
      throw failure(`${here} already exists on node '${existing.node}'`);
    }
    if (existing.status !== "stopped") {
      throw failure(`unable to restore ${label} ${vmid} - guest is running`);
    }
  }

  /** What the new guest is to have; fails where the caller may not use its bridge. */
  function configFor(request: Request, settings: object, caller: Caller): GuestConfig {
    const place = { ...request, kind };
    const identifiers = freshIdentifiers(now());
    const backup = request.archive ? world.volumes.get(request.archive)?.backup : undefined;
    if (request.archive && !backup) throw failure(`volume '${request.archive}' does not exist`);
    const config = backup
      ? restoredConfig(world, place, parseConfig(backup.configText), identifiers, request)
      : createdConfig(world, place, { ...settings }, identifiers);
    const bridge = /bridge=(\w+)/.exec(String(config.net0 ?? ""))?.[1];
    const zone = `/sdn/zones/localnetwork/${bridge}`;
    if (bridge && !acl.allows(caller, zone, "SDN.Use")) throw forbidden(zone, "SDN.Use");
    return config;
  }

  function add({ vmid, node, pool, start = false }: Request, config: GuestConfig): SimulatedGuest {
    const guest: SimulatedGuest = {
      vmid,
      kind,
      node,
      config: { ...config, lock: "create" },
      status: "stopped",
      startedAt: now(),
      snapshots: [],
      unresponsive: false,
      ...(pool !== undefined && { pool }),
    };
    world.guests.set(vmid, guest);
    addDisks(world, guest, Math.floor(now() / 1000));
    if (start) guest.status = "running";
    return guest;
  }

  async function restore(request: Request, caller: Caller, task: TaskContext): Promise<void> {
    task.log(`recovering backed-up configuration from '${request.archive}'`);
    const config = configOrReason(request, caller);
    const existing = world.guests.get(request.vmid);
    if (existing) await destroy(simulation, existing, {}, task);
    const guest = add(request, config);
    task.log(`restoring '${request.archive}' now..`);
    await task.sleep(restoreMs);
    task.log("merging backed-up and given configuration..");
    delete guest.config.lock;
  }

  /** @throws ApiError as the task words it */
  function configOrReason(request: Request, caller: Caller): GuestConfig {
    try {
      return configFor(request, {}, caller);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message.trimEnd() : String(cause);
      const denied = reason.startsWith("Permission") ? `403 ${reason}` : reason;
      throw failure(`unable to restore ${label} ${request.vmid} - ${denied}`);
    }
  }

  function begin(request: Request, settings: object, caller: Caller) {
    assertAllowed(request, caller);
    const config = request.archive ? undefined : configFor(request, settings, caller);
    const upid = tasks.start({
      node: request.node,
      type: `${taskPrefix}${config ? "create" : "restore"}`,
      id: String(request.vmid),
      caller,
      async work(task) {
        if (!config) return restore(request, caller, task);
        const guest = add(request, config);
        await task.sleep(createMs);
        delete guest.config.lock;
      },
    });
    return { data: upid };
  }

  if (kind === "qemu") {
    return [
      route({
        method: "POST",
        path: "/nodes/{node}/qemu",
        parameters: parameters.qemu,
        handle: (input, caller) => begin(input, input, caller),
      }),
    ];
  }
  return [
    route({
      method: "POST",
      path: "/nodes/{node}/lxc",
      parameters: parameters.lxc,
      handle(input, caller) {
        const archive = input.restore ? input.ostemplate : undefined;
        return begin({ ...input, archive }, input, caller);
      },
    }),
  ];
}
