import { stableNumber } from "./identity.ts";
import { nameOf, type World } from "./world.ts";

/** What was known of a guest when its node last reported. */
export interface CollectedGuest {
  readonly name: string;
  readonly status: "running" | "stopped";
  readonly template: number;
  readonly uptime: number;
  readonly memory: number;
  readonly cpu: number;
  /** Milliseconds since the epoch. */
  readonly collectedAt: number;
}

/** What every node says of its guests from time to time, and what is stale in between. */
export interface Collector {
  collect(): void;
  /** Undefined for a guest that no report has named yet, or whose node is away for too long. */
  guest(vmid: number): CollectedGuest | undefined;
}

/** For how long the last report of a node that is away is believed. */
const keptMs = 300_000;

/** `now` in milliseconds since the epoch. */
export function createCollector(world: World, now: () => number): Collector {
  const collected = new Map<number, CollectedGuest>();

  function collect(): void {
    for (const vmid of collected.keys()) if (!world.guests.has(vmid)) collected.delete(vmid);
    for (const guest of world.guests.values()) {
      if (!world.nodes.get(guest.node)?.online) continue;
      const running = guest.status !== "stopped";
      collected.set(guest.vmid, {
        name: nameOf(guest),
        status: running ? "running" : "stopped",
        template: guest.config.template === 1 ? 1 : 0,
        uptime: running ? Math.floor((now() - guest.startedAt) / 1000) : 0,
        collectedAt: now(),
        ...usageOf(guest.vmid, Number(guest.config.memory) * 2 ** 20, running),
      });
    }
  }

  collect();
  return {
    collect,
    guest(vmid) {
      const guest = collected.get(vmid);
      const online = world.nodes.get(world.guests.get(vmid)?.node ?? "")?.online;
      return guest && (online || now() - guest.collectedAt <= keptMs) ? guest : undefined;
    },
  };
}

/** A guest's load: plausible, and the same whenever one looks. */
export function usageOf(
  vmid: number,
  maxMemory: number,
  running: boolean,
): { readonly memory: number; readonly cpu: number } {
  if (!running) return { memory: 0, cpu: 0 };
  const share = stableNumber(`${vmid}/usage`, 60) / 100;
  return { memory: Math.round(maxMemory * (0.2 + share)), cpu: Number((share / 5).toFixed(4)) };
}
