import { apiPath } from "./api-path.ts";
import type { GuestHistory, HistoryVerdict } from "./guest.ts";
import type { ProxmoxClient } from "./proxmox-client.ts";
import { ProxmoxError } from "./proxmox-error.ts";
import { nodes, permissions, tasks } from "./responses.ts";

/** Tasks after which a VMID may belong to another guest. */
const identityTasks = new Set(
  ["vz", "qm"].flatMap((prefix) =>
    ["create", "restore", "destroy", "clone"].map((act) => `${prefix}${act}`),
  ),
);
/** A node's task index holds at least a thousand tasks; more than that may have been forgotten. */
const indexSize = 1_000;

type NodeHistory = { readonly upids: readonly string[] } | { readonly unknown: string };

interface Deps {
  readonly client: Pick<ProxmoxClient, "get">;
}

/** Reads the history out of the task lists of all nodes. */
export function createGuestHistory({ client }: Deps): GuestHistory {
  async function readNode(
    node: string,
    vmid: number,
    since: number,
    signal: AbortSignal,
  ): Promise<NodeHistory> {
    const path = `/nodes/${node}`;
    const [granted, listed] = await Promise.all([
      client.get("/access/permissions", permissions, { parameters: { path }, signal }),
      client.get(apiPath`/nodes/${node}/tasks`, tasks, {
        parameters: { source: "all", since: Math.floor(since / 1000), limit: indexSize },
        signal,
      }),
    ]);
    const found = listed.filter(({ type, id }) => id === String(vmid) && identityTasks.has(type));
    const upids = found.map(({ upid }) => upid);
    if (upids.length > 0) return { upids };
    if (!granted[path]?.["Sys.Audit"]) {
      return { unknown: `the API token lacks Sys.Audit on ${path}, so it sees its own tasks only` };
    }
    if (listed.length >= indexSize) {
      return { unknown: `the task log of ${node} does not reach back that far` };
    }
    return { upids };
  }

  return {
    async historySince(vmid, since, signal): Promise<HistoryVerdict> {
      const members = await client.get("/nodes", nodes, { signal });
      const histories = await Promise.all(
        members.map(({ node, status }) =>
          status === "online"
            ? readNode(node, vmid, since, signal).catch((error) => unread(node, error))
            : { unknown: `node ${node} is away` },
        ),
      );
      const upids = histories.flatMap((history) => ("upids" in history ? history.upids : []));
      if (upids.length > 0) return { kind: "changed", upids };
      const unknown = histories.find((history) => "unknown" in history);
      return unknown ? { kind: "unknown", reason: unknown.unknown } : { kind: "unchanged" };
    },
  };
}

function unread(node: string, error: unknown): NodeHistory {
  if (!(error instanceof ProxmoxError)) throw error;
  return { unknown: `the tasks of ${node} cannot be read: ${error.message}` };
}
