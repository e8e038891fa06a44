import type { Caller } from "#src/simulator/acl.ts";
import {
  assertCreatable,
  createGuest,
  type GuestRequest,
  newGuestConfig,
  restoreGuest,
} from "#src/simulator/create-guest.ts";
import { kinds } from "#src/simulator/kinds.ts";
import { type Answer, type Route, route } from "#src/simulator/router.ts";
import type { Simulation } from "#src/simulator/simulation.ts";

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
/** `mp0` to `mp9`; Proxmox knows more of them. */
const mountPoints = Object.fromEntries(
  Array.from({ length: 10 }, (_, index) => [`mp${index}`, "string?" as const]),
);
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
    ...mountPoints,
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

/** Making guests, new ones and out of backups. */
export function createRoutes(simulation: Simulation): readonly Route[] {
  function begin(request: GuestRequest, caller: Caller): Answer {
    assertCreatable(simulation, request, caller);
    const config = request.archive ? undefined : newGuestConfig(simulation, request, caller);
    const upid = simulation.tasks.start({
      node: request.node,
      type: `${kinds[request.kind].taskPrefix}${config ? "create" : "restore"}`,
      id: String(request.vmid),
      caller,
      work: (task) =>
        config
          ? createGuest(simulation, request, config, task)
          : restoreGuest(simulation, request, caller, task),
    });
    return { data: upid };
  }

  return [
    route({
      method: "POST",
      path: "/nodes/{node}/lxc",
      parameters: parameters.lxc,
      handle(input, caller) {
        const archive = input.restore ? input.ostemplate : undefined;
        return begin({ ...input, kind: "lxc", archive, settings: input }, caller);
      },
    }),
    route({
      method: "POST",
      path: "/nodes/{node}/qemu",
      parameters: parameters.qemu,
      handle: (input, caller) => begin({ ...input, kind: "qemu", settings: input }, caller),
    }),
  ];
}
