import type { Clock } from "#src/clock.ts";
import type { Guest, GuestStatus, Inventory } from "./guest.ts";
import { parseTags } from "./guest-facts.ts";
import type { ProxmoxClient } from "./proxmox-client.ts";
import { type GuestResource, guestResources } from "./responses.ts";
import { untilAborted } from "./waiting.ts";

/** How long a listing serves others, in milliseconds. */
const cachedFor = 3_000;
/** Proxmox collects states every ten seconds; until then we know better what we changed. */
const collectedWithin = 12_000;

/** Which guests there are and where, by one call for the whole cluster. */
export interface InventoryReader {
  /** As new as a few seconds; concurrent callers share one call. */
  list(signal: AbortSignal): Promise<Inventory>;
  /** As new as this call. */
  listNow(signal: AbortSignal): Promise<Inventory>;
  /** The state a guest was seen in after a change, which the cluster's listing shows later. */
  noteStatus(vmid: number, status: GuestStatus): void;
  /** Forgets what is cached, after a change. */
  invalidate(): void;
}

interface Deps {
  readonly client: Pick<ProxmoxClient, "get">;
  readonly clock: Clock;
}

/** An inventory that is read when somebody asks for it. */
export function createInventoryReader({ client, clock }: Deps): InventoryReader {
  const seen = new Map<number, { readonly status: GuestStatus; readonly until: number }>();
  let latest: { readonly listing: Promise<Inventory>; freshUntil: number } | undefined;
  const now = () => clock.now().epochMilliseconds;

  function withSeen(guest: Guest): Guest {
    const observation = seen.get(guest.vmid);
    if (!observation) return guest;
    if (observation.until > now()) return { ...guest, status: observation.status };
    seen.delete(guest.vmid);
    return guest;
  }

  async function fetchInventory(): Promise<Inventory> {
    const resources = await client.get("/cluster/resources", guestResources, {
      parameters: { type: "vm" },
      // Shared by callers with signals of their own; the client's timeouts end it.
      signal: new AbortController().signal,
    });
    const guests = resources.map(guestOf).map(withSeen);
    guests.sort((a, b) => a.vmid - b.vmid);
    const nameless = guests.filter(({ name }) => name === undefined).map(({ vmid }) => vmid);
    return { guests, nameless };
  }

  function start(): Promise<Inventory> {
    const entry = { listing: fetchInventory(), freshUntil: Number.POSITIVE_INFINITY };
    latest = entry;
    entry.listing.then(
      () => {
        entry.freshUntil = now() + cachedFor;
      },
      () => {
        if (latest === entry) latest = undefined;
      },
    );
    return entry.listing;
  }

  return {
    list(signal) {
      const isFresh = latest && latest.freshUntil > now();
      return untilAborted(latest && isFresh ? latest.listing : start(), signal);
    },
    listNow: (signal) => untilAborted(start(), signal),
    noteStatus(vmid, status) {
      seen.set(vmid, { status, until: now() + collectedWithin });
      latest = undefined;
    },
    invalidate() {
      latest = undefined;
    },
  };
}

function guestOf(resource: GuestResource): Guest {
  return {
    vmid: resource.vmid,
    kind: resource.type === "lxc" ? "ct" : "vm",
    name: resource.name || undefined,
    node: resource.node,
    status: statusOf(resource.status),
    ...parseTags(resource.tags),
    pool: resource.pool,
    lock: resource.lock,
    template: resource.template,
    haManaged: Boolean(resource.hastate),
    cpu: resource.cpu,
    memoryUsed: resource.mem,
    memoryTotal: resource.maxmem,
    diskTotal: resource.maxdisk,
    uptime: resource.uptime,
  };
}

function statusOf(status: string): GuestStatus {
  return status === "running" || status === "stopped" || status === "paused" ? status : "unknown";
}
