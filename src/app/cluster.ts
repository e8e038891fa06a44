import type { Clock } from "#src/clock.ts";
import type { ClusterConfig, ProxmoxConfig, ProxmoxToken } from "#src/config.ts";
import { type HoldDeps, withHolds } from "#src/holds/with-holds.ts";
import type { Logger } from "#src/log.ts";
import type { Principal } from "#src/policy/principal.ts";
import type { GuestBackups, GuestMarks } from "#src/proxmox/guest-changes.ts";
import { createProxmox, type Proxmox } from "#src/proxmox/proxmox.ts";
import { createProxmoxClient } from "#src/proxmox/proxmox-client.ts";

/** Without what destroys a guest, prepares for that, or removes a backup. */
export interface AgentProxmox
  extends Omit<Proxmox, "destroyer" | "preparation" | "backups" | "marks"> {
  readonly backups: Pick<GuestBackups, "restore">;
  readonly marks: Pick<GuestMarks, "clear">;
}

/** The cluster to work on, real or simulated. */
export interface OpenCluster {
  /** For the model's tools and the front ends: by the agent's own token, which cannot destroy. */
  readonly proxmox: AgentProxmox;
  /** For the deletions' executor alone: by the token for deletions, where there is one. */
  readonly doomed: Proxmox;
  /** The people of the sandbox's seed; a real cluster has none. */
  readonly sandboxUsers?: readonly Principal[] | undefined;
  close(): Promise<void>;
}

/** The same cluster, where both sides see which guests are on hold. */
export function withHeldGuests(cluster: OpenCluster, deps: HoldDeps): OpenCluster {
  const { proxmox, doomed } = cluster;
  return {
    ...cluster,
    proxmox: { ...proxmox, guests: withHolds(proxmox.guests, deps) },
    doomed: { ...doomed, guests: withHolds(doomed.guests, deps) },
  };
}

interface Options {
  readonly config: ProxmoxConfig;
  readonly clock: Clock;
  readonly log: Logger;
  /** What the sandbox is made of; the demo cluster when omitted. */
  readonly seedFile?: string | undefined;
  /** How long the sandbox's waits last: 1 is life-like. */
  readonly pace?: number | undefined;
}

/** Connects to the configured cluster, or starts the simulator where none is. */
export async function openCluster(options: Options): Promise<OpenCluster> {
  const { config } = options;
  if (config.kind === "sandbox") return openSandbox(options);
  return connect(config, options);
}

function connect(
  { deletionToken, ...server }: Omit<ClusterConfig, "kind">,
  { clock, log }: Pick<Options, "clock" | "log">,
): OpenCluster {
  const open = (token?: ProxmoxToken) => {
    const client = createProxmoxClient({ ...server, ...token, clock, log });
    return { client, ports: createProxmox({ client, clock }) };
  };
  const agent = open();
  const doomed = deletionToken ? open(deletionToken) : agent;
  const clients = new Set([agent.client, doomed.client]);
  return {
    proxmox: forAgent(agent.ports, doomed.ports),
    doomed: doomed.ports,
    close: async () => {
      await Promise.all([...clients].map((client) => client.close()));
    },
  };
}

/**
 * What the agent has of the token for deletions, none of which destroys anything. Bringing a guest
 * back takes VM.Allocate, and taking its mark off what took setting it. Who may not back a guest up
 * does not see its backups either, and who is asked about a deletion would be told there are none.
 */
function forAgent(
  { destroyer: _, preparation: __, ...ports }: Proxmox,
  { backups, marks, risks }: Proxmox,
): AgentProxmox {
  const restore: GuestBackups["restore"] = (...call) =>
    backups.restore(...call).finally(ports.forget);
  return { ...ports, backups: { restore }, marks: { clear: marks.clear }, risks };
}

async function openSandbox(options: Options): Promise<OpenCluster> {
  const { clock, seedFile, pace } = options;
  const { createSimulator } = await import("#src/simulator/simulator.ts");
  const { demoSeedFile, readSeedFile } = await import("#src/simulator/seed-file.ts");
  const seed = await readSeedFile(seedFile ?? demoSeedFile);
  const simulator = createSimulator({ seed, clock, ...(pace !== undefined && { pace }) });
  const { url, tokenId, tokenSecret } = await simulator.start();
  const server = { endpoints: [url], tokenId, tokenSecret, tls: { kind: "system" } as const };
  const { close, ...cluster } = connect(server, options);
  return {
    ...cluster,
    sandboxUsers: seed.users.map(({ timezone, ...user }) => ({ ...user, timeZone: timezone })),
    async close() {
      await close();
      await simulator.stop();
    },
  };
}
