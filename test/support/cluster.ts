import { afterEach, beforeEach } from "vitest";
import type { GuestIdentity, GuestStatus } from "#src/proxmox/guest.ts";
import type { Proxmox } from "#src/proxmox/proxmox.ts";
import type { ProxmoxClient } from "#src/proxmox/proxmox-client.ts";
import type { Controls } from "#src/simulator/controls.ts";
import type { JournalEntry } from "#src/simulator/journal.ts";
import type { SeedInput } from "#src/simulator/seed.ts";
import { clientOf, identityOf, proxmoxOf, signal } from "./proxmox.ts";
import { type RunningSimulator, smallSeed, startSimulator } from "./simulator.ts";

/** A simulated cluster, and what drives it; each test has a fresh one. */
export interface TestCluster {
  readonly simulator: RunningSimulator;
  /** The simulator's: faults, journal, states that nobody can bring about from outside. */
  readonly controls: Controls;
  /** With the rights of the sandbox's token. */
  readonly client: ProxmoxClient;
  readonly proxmox: Proxmox;
  /** What a confirmation would pin of the guest. */
  identify(vmid: number): Promise<GuestIdentity>;
  statusOf(vmid: number): Promise<GuestStatus>;
  /** The calls of these methods that arrived, in order. */
  calls(...methods: readonly string[]): readonly JournalEntry[];
}

/** Starts a cluster before each test of the file, and stops it after. */
export function useCluster(seed: SeedInput = smallSeed): TestCluster {
  let simulator: RunningSimulator;
  let client: ProxmoxClient;
  let proxmox: Proxmox;

  beforeEach(async () => {
    simulator = await startSimulator(seed);
    client = clientOf(simulator);
    proxmox = proxmoxOf(simulator, client);
  });

  afterEach(async () => {
    await client.close();
    await simulator.stop();
  });

  const find = (vmid: number) => proxmox.guests.find(String(vmid), signal);
  return {
    get simulator() {
      return simulator;
    },
    get controls() {
      return simulator.controls;
    },
    get client() {
      return client;
    },
    get proxmox() {
      return proxmox;
    },
    identify: async (vmid) => identityOf(await find(vmid)),
    statusOf: async (vmid) => (await find(vmid)).status,
    calls: (...methods) =>
      simulator.controls.journal().filter(({ method }) => methods.includes(method)),
  };
}
