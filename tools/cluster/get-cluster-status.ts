import { defineTool, type Tool } from "#src/actions/tool.ts";
import type { Cluster, ClusterNode } from "#src/proxmox/cluster-status.ts";
import type { Guest, Guests } from "#src/proxmox/guest.ts";
import { defineInput, z } from "#tools/schema.ts";
import { formatBytes, formatDuration, formatShare } from "#tools/units.ts";

interface Deps {
  readonly cluster: Pick<Cluster, "status">;
  readonly guests: Pick<Guests, "list">;
}

/** Shows whether the cluster is well: quorum, nodes, and how many guests run. */
export function getClusterStatus({ cluster, guests }: Deps): Tool {
  return defineTool({
    name: "get_cluster_status",
    description: "Health of the cluster: quorum, nodes with load and memory, number of guests.",
    effect: "read",
    input: defineInput(z.object({})),
    async run(_, { signal }) {
      const [status, inventory] = await Promise.all([cluster.status(signal), guests.list(signal)]);
      const { name, quorate, version, nodes } = status;
      return {
        cluster: name ?? "standalone",
        quorate,
        version,
        nodes: nodes.map(describeNode),
        guests: {
          ct: countByStatus(inventory.guests.filter(({ kind }) => kind === "ct")),
          vm: countByStatus(inventory.guests.filter(({ kind }) => kind === "vm")),
        },
      };
    },
  });
}

/** What the token may not read, or an offline node does not tell, is left out. */
function describeNode({ name, online, cpu, memoryUsed, memoryTotal, uptime }: ClusterNode) {
  return {
    name,
    online,
    ...(cpu !== undefined && { cpuUsed: formatShare(cpu) }),
    ...(memoryUsed !== undefined && { memoryUsed: formatBytes(memoryUsed) }),
    ...(memoryTotal !== undefined && { memory: formatBytes(memoryTotal) }),
    ...(uptime !== undefined && online && { uptime: formatDuration(uptime) }),
  };
}

function countByStatus(guests: readonly Guest[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = { running: 0, stopped: 0 };
  for (const { status } of guests) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
