import type { GuestKind, GuestStatus } from "./guest.ts";
import type { BeginOptions } from "./guest-changes.ts";
import { labelOf, nameOf } from "./guest-facts.ts";
import { guestPath, type LiveGuest } from "./live-guests.ts";
import type { ProxmoxClient } from "./proxmox-client.ts";
import { ProxmoxError } from "./proxmox-error.ts";
import { taskStart } from "./responses.ts";
import type { Tasks } from "./tasks.ts";

/** One thing that Proxmox does to whether a guest runs. */
export interface PowerAct {
  readonly name: "start" | "shutdown" | "stop";
  readonly wanted: GuestStatus;
  /** The states from which it can be done. */
  readonly from: readonly GuestStatus[];
}

export const start: PowerAct = { name: "start", wanted: "running", from: ["stopped"] };
export const shutdown: PowerAct = { name: "shutdown", wanted: "stopped", from: ["running"] };
/** Cuts power. */
export const stop: PowerAct = {
  name: "stop",
  wanted: "stopped",
  from: ["running", "paused", "unknown"],
};

interface Deps {
  readonly client: Pick<ProxmoxClient, "post">;
  readonly tasks: Pick<Tasks, "start">;
}

/**
 * Begins the act and returns its task. Proxmox gives a shutdown up after `timeout` seconds.
 *
 * @throws ProxmoxError, `already-in-state` among them where somebody else was faster
 */
export async function beginPowerAct(
  { client, tasks }: Deps,
  act: PowerAct,
  { listed }: LiveGuest,
  { timeout, signal, guard }: BeginOptions & { readonly timeout?: number | undefined },
): Promise<string> {
  const path = `${guestPath(listed)}/status/${act.name}`;
  return tasks.start(
    {
      node: listed.node,
      vmid: listed.vmid,
      types: powerTaskTypes(listed.kind, act),
      send: () => client.post(path, taskStart, { parameters: { timeout }, signal, guard }),
    },
    signal,
  );
}

/** `vzstart`, `qmstop`; the same as `ha…` where high availability takes the request. */
export function powerTaskTypes(kind: GuestKind, { name }: PowerAct): readonly string[] {
  const haName = name === "start" ? "hastart" : "hastop";
  return [`${kind === "ct" ? "vz" : "qm"}${name}`, haName];
}

/** @throws ProxmoxError where the guest is in no state for the act */
export function refusePowerAct(guest: LiveGuest, act: PowerAct): void {
  const { config, status } = guest;
  const title = titleOf(guest);
  if (config.template === "1") {
    throw new ProxmoxError("template", `${title} is a template and cannot run; clone it instead.`);
  }
  if (config.lock) {
    const message = `${title} is locked (${config.lock}); try again when that has ended, or have an administrator unlock it.`;
    throw new ProxmoxError("locked", message);
  }
  if (!act.from.includes(status)) {
    const advice = status === "paused" ? "; resume it in Proxmox first" : "";
    const message = `${title} is ${status}, so ${act.name} is not possible${advice}.`;
    throw new ProxmoxError("wrong-state", message);
  }
}

/** "CT 103 (runner)". */
export function titleOf({ listed, config }: LiveGuest): string {
  return `${labelOf(listed)} (${nameOf(listed.kind, listed.vmid, config)})`;
}
