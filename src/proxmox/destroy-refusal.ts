import { labelOf } from "./guest-facts.ts";
import type { LiveGuest } from "./live-guests.ts";
import { ProxmoxError, type ProxmoxErrorKind } from "./proxmox-error.ts";

/** What around a guest decides whether it may be destroyed. */
export interface DestroyCircumstances {
  readonly quorate: boolean;
  readonly isReplicated: boolean;
  /** The types of the tasks that work on it, as far as they can be seen. */
  readonly runningTasks: readonly string[];
}

/** Why the guest is not destroyed; nothing where nothing forbids it. */
export function refusalOfDestroy(
  guest: LiveGuest,
  { quorate, isReplicated, runningTasks }: DestroyCircumstances,
): ProxmoxError | undefined {
  const { listed, config, current, status } = guest;
  const label = labelOf(listed);
  const refuse = (kind: ProxmoxErrorKind, sentence: string) => new ProxmoxError(kind, sentence);

  if (!quorate) {
    return refuse("no-quorum", `The cluster has no quorum, so ${label} was not touched.`);
  }
  if (config.template === "1") return refuse("template", `${label} is a template.`);
  if (config.protection === "1") {
    return refuse("protected", `${label} is protected; switch that off in Proxmox first.`);
  }
  if (config.lock)
    return refuse("locked", `${label} is locked (${config.lock}); wait for its end.`);
  if (current.ha?.managed) {
    return refuse("ha-managed", `HA manages ${label}; remove it from HA in Proxmox first.`);
  }
  if (isReplicated) {
    return refuse("replicated", `${label} has a replication job; remove that in Proxmox first.`);
  }
  if (runningTasks.length > 0) {
    const tasks = runningTasks.join(", ");
    return refuse("locked", `A task is working on ${label} (${tasks}); wait for its end.`);
  }
  if (status !== "stopped")
    return refuse("wrong-state", `${label} is ${status}; shut it down first.`);
  return undefined;
}
