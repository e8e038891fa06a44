import type { Clock } from "#src/clock.ts";
import type { ProxmoxConfig } from "#src/config.ts";
import type { Logger } from "#src/log.ts";
import type { Principal } from "#src/policy/principal.ts";
import { createProxmox, type Proxmox } from "#src/proxmox/proxmox.ts";
import { createProxmoxClient, type ProxmoxClientOptions } from "#src/proxmox/proxmox-client.ts";

/** The cluster to work on, real or simulated. */
export interface OpenCluster {
  readonly proxmox: Proxmox;
  /** The people of the sandbox's seed; a real cluster has none. */
  readonly sandboxUsers?: readonly Principal[] | undefined;
  close(): Promise<void>;
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
  server: Omit<ProxmoxClientOptions, "clock" | "log">,
  { clock, log }: Pick<Options, "clock" | "log">,
): OpenCluster {
  const client = createProxmoxClient({ ...server, clock, log });
  return { proxmox: createProxmox({ client, clock }), close: () => client.close() };
}

async function openSandbox(options: Options): Promise<OpenCluster> {
  const { clock, seedFile, pace } = options;
  const { createSimulator } = await import("#src/simulator/simulator.ts");
  const { demoSeedFile, readSeedFile } = await import("#src/simulator/seed-file.ts");
  const seed = await readSeedFile(seedFile ?? demoSeedFile);
  const simulator = createSimulator({ seed, clock, ...(pace !== undefined && { pace }) });
  const { url, tokenId, tokenSecret } = await simulator.start();
  const server = { endpoints: [url], tokenId, tokenSecret, tls: { kind: "system" } as const };
  const { proxmox, close } = connect(server, options);
  return {
    proxmox,
    sandboxUsers: seed.users.map(({ timezone, ...user }) => ({ ...user, timeZone: timezone })),
    async close() {
      await close();
      await simulator.stop();
    },
  };
}
