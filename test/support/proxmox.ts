import { systemClock } from "#src/clock.ts";
import type { GuestDetail, GuestIdentity } from "#src/proxmox/guest.ts";
import type { Backup } from "#src/proxmox/guest-changes.ts";
import { createProxmox, type Proxmox } from "#src/proxmox/proxmox.ts";
import {
  createProxmoxClient,
  type ProxmoxClient,
  type ProxmoxClientOptions,
} from "#src/proxmox/proxmox-client.ts";
import { ProxmoxError } from "#src/proxmox/proxmox-error.ts";
import { pause } from "#src/proxmox/waiting.ts";
import type { RunningSimulator } from "#test/support/simulator.ts";

/** A signal that nobody aborts. */
export const signal = new AbortController().signal;

/** Waits a hundredth as long as against a real cluster. */
export const quickTiming = {
  tasks: { firstPoll: 5, longestPoll: 20, searchInterval: 20 },
  power: { shutdown: 5_000, task: 3_000, statusPoll: 10, status: 500, haStatus: 2_000 },
};

/** A client of the simulator, as the configuration would make it. */
export function clientOf(
  simulator: RunningSimulator,
  overrides: Partial<ProxmoxClientOptions> = {},
): ProxmoxClient {
  return createProxmoxClient({
    endpoints: [simulator.url],
    tokenId: simulator.tokenId,
    tokenSecret: simulator.tokenSecret,
    tls: { kind: "system" },
    ...overrides,
  });
}

/** All ports on the simulator. */
export function proxmoxOf(simulator: RunningSimulator, client = clientOf(simulator)): Proxmox {
  return createProxmox({ client, clock: systemClock, timing: quickTiming });
}

/** Backs the guest up, and waits for it. */
export async function backUp(
  { preparation }: Pick<Proxmox, "preparation">,
  guest: GuestIdentity,
  storage: string,
): Promise<Backup> {
  const { upid } = await preparation.beginBackup(guest, storage, "before a test", signal);
  while ((await preparation.look(upid, signal)).kind === "running") await pause(2, signal);
  return preparation.findBackup(guest, storage, upid, signal);
}

/** What a confirmation would pin of the guest. */
export function identityOf({ vmid, kind, fingerprint }: GuestDetail): GuestIdentity {
  return { vmid, kind, fingerprint };
}

/** The error that a promise rejects with; anything else fails the test. */
export async function errorOf(promise: Promise<unknown>): Promise<ProxmoxError> {
  const error = await promise.then(
    (value) => new Error(`Expected a ProxmoxError, got ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  if (error instanceof ProxmoxError) return error;
  throw error;
}
