import { apiPath } from "./api-path.ts";
import type { Guest } from "./guest.ts";
import type { ProxmoxClient } from "./proxmox-client.ts";
import { tasks } from "./responses.ts";

/** Somebody who looks at a guest does not work on it. */
const consoles = new Set(["vncproxy", "vncshell", "termproxy", "spiceproxy", "spiceshell"]);

/**
 * The types of the tasks that work on a guest at this moment. Without Sys.Audit on its node a token
 * is told of its own only.
 */
export async function runningTasksOn(
  client: Pick<ProxmoxClient, "get">,
  { node, vmid }: Pick<Guest, "node" | "vmid">,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const parameters = { source: "active", vmid };
  const active = await client.get(apiPath`/nodes/${node}/tasks`, tasks, { parameters, signal });
  // Proxmox keeps those that have just ended among the active ones.
  const running = active.filter(({ endtime }) => endtime === undefined);
  return running.map(({ type }) => type).filter((type) => !consoles.has(type));
}
