import { apiPath } from "./api-path.ts";
import type { ProxmoxClient } from "./proxmox-client.ts";
import { tasks } from "./responses.ts";
import { parseUpid } from "./upid.ts";

/** Tasks on one node that work on one guest. */
export interface TaskQuery {
  readonly node: string;
  readonly vmid: number;
  /** Such as `vzstart` and `hastart`. */
  readonly types: readonly string[];
  /** Epoch seconds by the cluster's clock; only tasks that began then or later. */
  readonly since?: number | undefined;
}

/** A task in a node's list. */
export interface ListedTask {
  readonly upid: string;
  /** Whether our own token began it. */
  readonly isOurs: boolean;
  readonly isRunning: boolean;
}

/**
 * The tasks that the node lists, newest first. Without Sys.Audit on the node a token sees its own
 * only.
 */
export async function listTasks(
  client: Pick<ProxmoxClient, "get" | "tokenId">,
  { node, vmid, types, since }: TaskQuery,
  signal: AbortSignal,
): Promise<readonly ListedTask[]> {
  const listed = await client.get(apiPath`/nodes/${node}/tasks`, tasks, {
    parameters: { source: "all", vmid, since },
    signal,
  });
  return listed
    .toSorted((a, b) => b.starttime - a.starttime)
    .flatMap(({ upid, endtime }) => {
      const parsed = parseUpid(upid);
      if (!parsed || !types.includes(parsed.type)) return [];
      if (since !== undefined && parsed.startTime < since) return [];
      const isOurs = parsed.auth === client.tokenId;
      return [{ upid, isOurs, isRunning: endtime === undefined }];
    });
}
