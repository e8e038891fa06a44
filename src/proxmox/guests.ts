import type { GuestDetail, Guests } from "./guest.ts";
import {
  disksOf,
  hasAgent,
  nameOf,
  ownerInNotes,
  parseTags,
  reachableAddresses,
} from "./guest-facts.ts";
import type { InventoryReader } from "./inventory.ts";
import { guestPath, type LiveGuest, type LiveGuests } from "./live-guests.ts";
import { withMissingNames } from "./missing-names.ts";
import { withOwnersInNotes } from "./owners-in-notes.ts";
import type { ProxmoxClient } from "./proxmox-client.ts";
import { isKind, ProxmoxError } from "./proxmox-error.ts";
import { resolveGuest } from "./resolve-guest.ts";
import { agentInterfaces, containerInterfaces } from "./responses.ts";

/** A guest agent that is down is given up on by Proxmox after three seconds. */
const addressTimeout = 4_000;

interface Deps {
  readonly client: Pick<ProxmoxClient, "get">;
  readonly inventory: InventoryReader;
  readonly live: LiveGuests;
}

/** Finds guests in the inventory, and reads the one that is meant live. */
export function createGuests({ client, inventory, live }: Deps): Guests {
  async function readAddresses(guest: LiveGuest, signal: AbortSignal): Promise<readonly string[]> {
    if (guest.status !== "running") return [];
    const path = guestPath(guest.listed);
    const options = { signal: AbortSignal.any([signal, AbortSignal.timeout(addressTimeout)]) };
    if (guest.listed.kind === "ct") {
      const interfaces = await client.get(`${path}/interfaces`, containerInterfaces, options);
      return (interfaces ?? []).flatMap((card) => [
        ...card["ip-addresses"],
        ...[card.inet ?? [], card.inet6 ?? []].flat(),
      ]);
    }
    if (!hasAgent(guest.config)) return [];
    const agentPath = `${path}/agent/network-get-interfaces`;
    const { result } = await client.get(agentPath, agentInterfaces, options);
    return result.flatMap((card) => card["ip-addresses"]);
  }

  /** Addresses are a convenience: an agent that does not answer leaves them out. */
  async function addressesOf(guest: LiveGuest, signal: AbortSignal): Promise<readonly string[]> {
    try {
      return reachableAddresses(await readAddresses(guest, signal));
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      const isTimeout = error instanceof DOMException && error.name === "TimeoutError";
      if (isTimeout || error instanceof ProxmoxError) return [];
      throw error;
    }
  }

  /** The guest that is meant, and the listing in which it was found. */
  async function lookUp(reference: string, signal: AbortSignal) {
    const listing = await inventory.list(signal);
    try {
      return { listing, meant: resolveGuest(reference, listing) };
    } catch (error) {
      if (!isKind(error, "incomplete-inventory")) throw error;
      const named = await withMissingNames(listing, live, signal);
      return { listing: named, meant: resolveGuest(reference, named) };
    }
  }

  return {
    list: (signal) => inventory.list(signal),
    listWithOwners: async (signal) => withOwnersInNotes(await inventory.list(signal), live, signal),
    async find(reference, signal) {
      const { listing, meant } = await lookUp(reference, signal);
      const guest = await live.read(meant, signal);
      const detail = detailOf(guest, await addressesOf(guest, signal));
      // The listing's names are seconds old: the guest as it was read must be the one that is meant.
      const guests = listing.guests.map((other) => (other.vmid === detail.vmid ? detail : other));
      resolveGuest(reference, { ...listing, guests });
      return detail;
    },
  };
}

function detailOf(guest: LiveGuest, addresses: readonly string[]): GuestDetail {
  const { listed, config, current, status, fingerprint } = guest;
  const { tags, owner = ownerInNotes(config.description) } = parseTags(config.tags);
  return {
    ...listed,
    tags,
    owner,
    name: nameOf(listed.kind, listed.vmid, config),
    status,
    fingerprint,
    lock: config.lock,
    template: config.template === "1",
    protection: config.protection === "1",
    haManaged: current.ha?.managed ?? listed.haManaged,
    notes: config.description?.trim() || undefined,
    disks: disksOf(config),
    addresses,
    cpu: current.cpu,
    memoryUsed: current.mem,
    memoryTotal: current.maxmem,
    diskTotal: current.maxdisk,
    uptime: current.uptime,
  };
}
