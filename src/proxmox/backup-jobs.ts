import type { Guest } from "./guest.ts";
import type { ProxmoxClient } from "./proxmox-client.ts";
import { type BackupJob, backupJobs } from "./responses.ts";
import type { TokenRights } from "./token-rights.ts";

interface Deps {
  readonly client: Pick<ProxmoxClient, "get">;
  readonly rights: TokenRights;
}

/**
 * The jobs that back a guest up regularly. Undefined where that depends on a pool and the token may
 * not see who is in it.
 */
export async function backupJobsOf(
  { client, rights }: Deps,
  guest: Pick<Guest, "vmid" | "node" | "pool">,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const listed = await client.get("/cluster/backup", backupJobs, { signal });
  const jobs = listed.filter(({ enabled, node }) => enabled && (node ?? guest.node) === guest.node);
  const pools = new Set(jobs.flatMap(({ pool }) => pool ?? []));
  const held = await Promise.all([...pools].map((pool) => rights.on(`/pool/${pool}`, signal)));
  if (held.some((privileges) => !privileges.has("Pool.Audit"))) return undefined;
  return jobs.filter((job) => includes(job, guest)).map(({ id }) => id);
}

function includes({ all, vmid, exclude, pool }: BackupJob, guest: Pick<Guest, "vmid" | "pool">) {
  const names = (list: string) => list.split(/[\s,;]+/).includes(String(guest.vmid));
  if (all) return !names(exclude);
  return names(vmid) || (pool !== undefined && pool === guest.pool && !names(exclude));
}
