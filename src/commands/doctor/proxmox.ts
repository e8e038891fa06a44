import { systemClock } from "#src/clock.ts";
import type { ClusterConfig, DeletionsConfig } from "#src/config.ts";
import type { Cluster } from "#src/proxmox/cluster-status.ts";
import type { Guests } from "#src/proxmox/guest.ts";
import { createProxmox } from "#src/proxmox/proxmox.ts";
import { createProxmoxClient } from "#src/proxmox/proxmox-client.ts";
import { checkBackupStorage } from "./backup-storage.ts";
import type { Check, Finding } from "./finding.ts";
import type { Permissions } from "./permissions.ts";
import { failureAbout, readTokens, type TokenReport } from "./tokens.ts";

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
  { backupStorage, mark }: DeletionsConfig,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { findings, tokens } = await readTokens(server, { backupStorage, mark }, signal);
  const inside = await Promise.all(tokens.map((token) => checkInside(token, signal)));
  return [...findings, ...tokens.flatMap((token) => token.findings), ...inside.flat()];
}

/** What a token sees of what it may do: the cluster by the first one, backups by who makes them. */
async function checkInside(
  { server, setup, permissions }: TokenReport,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  if (!permissions) return [];
  const client = createProxmoxClient(server);
  const { cluster, guests } = createProxmox({ client, clock: systemClock });
  const { part, backupStorage: storage } = setup;
  try {
    const looks = [
      part !== "deletion" &&
        checkState(cluster, permissions, signal).catch(failureAbout("cluster")),
      part !== "deletion" &&
        checkInventory(guests, permissions, signal).catch(failureAbout("guests")),
      part !== "agent" &&
        checkBackupStorage({ client, permissions, storage }, signal).catch(failureAbout("backups")),
    ];
    return (await Promise.all(looks)).flatMap((found) => found || []);
  } finally {
    await client.close();
  }
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
