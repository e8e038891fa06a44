import { systemClock } from "#src/clock.ts";
import type { ClusterConfig, DeletionsConfig } from "#src/config.ts";
import type { Cluster, Guests } from "#src/proxmox/guest.ts";
import { createProxmox } from "#src/proxmox/proxmox.ts";
import { createProxmoxClient } from "#src/proxmox/proxmox-client.ts";
import { ProxmoxError } from "#src/proxmox/proxmox-error.ts";
import { checkBackupStorage } from "./backup-storage.ts";
import type { Check, Finding } from "./finding.ts";
import { judgePrivileges } from "./judge-privileges.ts";
import { type Permissions, readPermissions } from "./permissions.ts";
import { capabilitiesOf, type Setup } from "./privileges.ts";
import { checkEndpoint } from "./proxmox-endpoints.ts";
import { parseTokenId } from "./pveum.ts";

/** The cluster, or in the sandbox the simulated one: its addresses, the token and its state. */
export const checkProxmox: Check = async ({ proxmox, deletions }, signal) => {
  if (proxmox.kind === "cluster") return checkCluster(proxmox, deletions, signal);

  const { createSimulator } = await import("#src/simulator/simulator.ts");
  const { demoSeedFile, readSeedFile } = await import("#src/simulator/seed-file.ts");
  const simulator = createSimulator({ seed: await readSeedFile(demoSeedFile) });
  const { url, tokenId, tokenSecret } = await simulator.start();
  try {
    const tls = { kind: "system" } as const;
    const server = { kind: "cluster", endpoints: [url], tokenId, tokenSecret, tls } as const;
    return await checkCluster(server, deletions, signal);
  } finally {
    await simulator.stop();
  }
};

async function checkCluster(
  server: ClusterConfig,
  deletions: DeletionsConfig,
  signal: AbortSignal,
): Promise<Finding[]> {
  const asked = server.endpoints.map(async (endpoint) => ({
    endpoint,
    ...(await checkEndpoint(server, endpoint, signal)),
  }));
  const reports = await Promise.all(asked);
  const findings = reports.flatMap((report) => report.findings);
  const working = reports.filter(({ major }) => major !== undefined);
  if (working.length === 0) return findings;

  const endpoints = working.map(({ endpoint }) => endpoint);
  // Nodes of one cluster may run different versions while they are upgraded.
  const major = Math.min(...working.map((report) => report.major ?? 0));
  const { backupStorage, mark } = deletions;
  const setup = { major, backupStorage, mark };
  return [...findings, ...(await checkInside({ ...server, endpoints }, setup, signal))];
}

/** What the token may do, and what it sees of that. */
async function checkInside(
  server: ClusterConfig,
  setup: Setup,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const client = createProxmoxClient(server);
  try {
    const needs = capabilitiesOf(setup).flatMap((capability) => capability.needs);
    const paths = [...new Set(needs.map(({ path }) => path))];
    const permissions = await readPermissions(client, paths, signal);
    const judged = judgePrivileges(permissions, parseTokenId(server.tokenId), setup);
    const { cluster, guests } = createProxmox({ client, clock: systemClock });
    const backups = { client, permissions, storage: setup.backupStorage };
    const inside = await Promise.all([
      checkState(cluster, permissions, signal).catch(failureAbout("cluster")),
      checkInventory(guests, permissions, signal).catch(failureAbout("guests")),
      checkBackupStorage(backups, signal).catch(failureAbout("backups")),
    ]);
    return [...judged, ...inside.flat()];
  } catch (error) {
    return failureAbout("privileges")(error);
  } finally {
    await client.close();
  }
}

function failureAbout(about: string) {
  return (error: unknown): readonly Finding[] => {
    if (!(error instanceof ProxmoxError)) throw error;
    return [{ about, level: "failure", message: error.message }];
  };
}

async function checkState(
  cluster: Cluster,
  permissions: Permissions,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  if (!permissions.has("/", "Sys.Audit")) return [];
  const { name = "a single node", quorate, nodes } = await cluster.status(signal);
  const away = nodes.filter(({ online }) => !online).map((node) => node.name);
  const online = `${nodes.length - away.length} of ${nodes.length} nodes online`;
  const about = "cluster";
  const fix = ["# on a node that is up:", "pvecm status"];
  if (!quorate) {
    const message = `${name} has no quorum (${online}): nothing can be changed, and a deletion would destroy the disks and then fail.`;
    return [{ about, level: "failure", message, fix }];
  }
  if (away.length > 0) {
    const message = `${name} is quorate, but ${away.join(", ")} is offline (${online}); the guests there cannot be reached.`;
    return [{ about, level: "warning", message, fix }];
  }
  return [{ about, level: "ok", message: `${name} is quorate, ${online}.` }];
}

async function checkInventory(
  guests: Guests,
  permissions: Permissions,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const about = "guests";
  const { guests: seen } = await guests.list(signal);
  if (seen.length > 0) return [{ about, level: "ok", message: `${seen.length} guests are seen.` }];
  // Where VM.Audit is not there, its absence has been told.
  const mayAudit = (path: string) =>
    /^\/(vms|pool\/)/.test(path) && permissions.holds(path, "VM.Audit");
  if (!permissions.paths.some(mayAudit)) return [];
  const message =
    "The list of guests is empty although VM.Audit is there: either the cluster has no guests, or each of them has roles of its own that leave the token out.";
  const fix = ["# as root on any node of the cluster, to see which:", "pveum acl list"];
  return [{ about, level: "warning", message, fix }];
}
