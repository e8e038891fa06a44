import type { Cluster, ClusterNode } from "./cluster-status.ts";
import type { ProxmoxClient } from "./proxmox-client.ts";
import { clusterStatus, type ListedNode, nodes, version } from "./responses.ts";

interface Deps {
  readonly client: Pick<ProxmoxClient, "get">;
}

/** Reads the state of the cluster itself, afresh at each call. */
export function createCluster({ client }: Deps): Cluster {
  return {
    async status(signal) {
      const [quorum, members, release] = await Promise.all([
        readQuorum(client, signal),
        client.get("/nodes", nodes, { signal }),
        client.get("/version", version, { signal }),
      ]);
      return { ...quorum, version: release.version, nodes: members.map(nodeOf).sort(byName) };
    },
  };
}

/**
 * Whether the cluster may change anything: destroying without a quorum removes the disks and then
 * fails. A node without a cluster has no quorum to lose.
 */
export async function readQuorum(
  client: Pick<ProxmoxClient, "get">,
  signal: AbortSignal,
): Promise<{ readonly name: string | undefined; readonly quorate: boolean }> {
  const entries = await client.get("/cluster/status", clusterStatus, { signal });
  const cluster = entries.find(({ type }) => type === "cluster");
  return { name: cluster?.name, quorate: cluster?.quorate ?? true };
}

function nodeOf(entry: ListedNode): ClusterNode {
  return {
    name: entry.node,
    online: entry.status === "online",
    cpu: entry.cpu,
    memoryUsed: entry.mem,
    memoryTotal: entry.maxmem,
    uptime: entry.uptime,
  };
}

function byName(a: ClusterNode, b: ClusterNode): number {
  return a.name < b.name ? -1 : 1;
}
