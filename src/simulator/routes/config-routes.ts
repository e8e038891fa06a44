import type { Caller } from "#src/simulator/acl.ts";
import { failure } from "#src/simulator/api-error.ts";
import { digestOf, type GuestConfig } from "#src/simulator/guest-config.ts";
import { assertUnlocked } from "#src/simulator/guest-lock.ts";
import { type ApiKind, kinds } from "#src/simulator/kinds.ts";
import { type Route, route } from "#src/simulator/router.ts";
import type { Simulation } from "#src/simulator/simulation.ts";
import { guestOn, type SimulatedGuest, writeRefusal } from "#src/simulator/world.ts";

/** The settings that can be changed, with the privilege that each needs. */
const privilegeOf: Readonly<Record<string, string>> = {
  tags: "VM.Config.Options",
  description: "VM.Config.Options",
  protection: "VM.Config.Options",
  onboot: "VM.Config.Options",
  lock: "VM.Config.Options",
  name: "VM.Config.Options",
  agent: "VM.Config.Options",
  hostname: "VM.Config.Network",
  net0: "VM.Config.Network",
  net1: "VM.Config.Network",
  memory: "VM.Config.Memory",
  swap: "VM.Config.Memory",
  cores: "VM.Config.CPU",
};

const common = {
  tags: "string?",
  description: "string?",
  protection: "boolean?",
  onboot: "boolean?",
  lock: "string?",
  net0: "string?",
  net1: "string?",
  memory: "integer?",
  cores: "integer?",
  digest: "string?",
  delete: "string?",
  skiplock: "boolean?",
} as const;
const parameters = {
  lxc: { ...common, hostname: "string?", swap: "integer?" },
  qemu: { ...common, name: "string?", agent: "string?" },
} as const;

const anyConfigPrivilege = {
  lxc: "VM.Config.Disk|VM.Config.CPU|VM.Config.Memory|VM.Config.Network|VM.Config.Options",
  qemu: "VM.Config.Disk|VM.Config.CDROM|VM.Config.CPU|VM.Config.Memory|VM.Config.Network|VM.Config.HWType|VM.Config.Options|VM.Config.Cloudinit",
} as const;

type Changes = Readonly<Record<string, unknown>>;

/** Changing a guest's configuration; a machine's can be changed by a task as well. */
export function configRoutes(simulation: Simulation, kind: ApiKind): readonly Route[] {
  const { world, acl, tasks } = simulation;
  const path = `/nodes/{node}/${kind}/{vmid}/config` as const;
  const requires = ["/vms/{vmid}", anyConfigPrivilege[kind]] as const;

  function demandPrivileges(vmid: number, keys: readonly string[], caller: Caller): void {
    for (const key of keys) {
      acl.demand(caller, `/vms/${vmid}`, privilegeOf[key] ?? "VM.Config.Options");
      if (key === "lock" && kind === "qemu") throw failure("only root can set 'lock' config");
    }
  }

  function change(guest: SimulatedGuest, input: Changes, pid: number): void {
    assertUnlocked(guest);
    if (input.digest !== undefined && input.digest !== digestOf(guest.config)) {
      throw failure("detected modified configuration - file changed by other user? Try again.");
    }
    if (!world.quorate) throw writeRefusal(guest, pid);
    guest.config = changed(guest.config, input);
  }

  const put = route({
    method: "PUT",
    path,
    requires,
    parameters: parameters[kind],
    handle(input, caller) {
      demandPrivileges(input.vmid, settingsIn(input), caller);
      change(guestOn(world, input.node, kind, input.vmid), input, daemonPid);
      return { data: null };
    },
  });
  if (kind === "lxc") return [put];

  const post = route({
    method: "POST",
    path,
    requires,
    parameters: parameters.qemu,
    handle(input, caller) {
      demandPrivileges(input.vmid, settingsIn(input), caller);
      const guest = guestOn(world, input.node, kind, input.vmid);
      const upid = tasks.start({
        node: input.node,
        type: `${kinds[kind].taskPrefix}config`,
        id: String(input.vmid),
        caller,
        work: ({ pid }) => change(guest, input, pid),
      });
      return { data: upid };
    },
  });
  return [put, post];
}

/** The daemon that writes when no task does. */
const daemonPid = 126;

function settingsIn(input: Changes): readonly string[] {
  return [...Object.keys(input).filter((key) => key in privilegeOf), ...deletedBy(input)];
}

function deletedBy(input: Changes): readonly string[] {
  return String(input.delete ?? "")
    .split(/[\s,;]+/)
    .filter((key) => key !== "");
}

function changed(config: GuestConfig, input: Changes): GuestConfig {
  const set = Object.keys(input).filter((key) => key in privilegeOf);
  const next = {
    ...config,
    ...Object.fromEntries(set.map((key) => [key, stored(key, input[key])])),
  };
  for (const key of deletedBy(input)) delete next[key];
  return next;
}

function stored(key: string, value: unknown): string | number {
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "number") return value;
  if (key === "description") return `${value}\n`;
  return key === "tags"
    ? String(value)
        .split(/[\s,;]+/)
        .join(";")
    : String(value);
}
