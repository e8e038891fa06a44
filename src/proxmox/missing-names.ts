import type { Guest, Inventory } from "./guest.ts";
import { nameOf } from "./guest-facts.ts";
import type { LiveGuests } from "./live-guests.ts";
import { ProxmoxError } from "./proxmox-error.ts";

/** More than these are nameless only while whole nodes are away, which then tell no names either. */
const mostAsked = 20;
const timeoutMs = 4_000;

/**
 * The listing with the names that it lacks, as far as the guests' own nodes tell them: Proxmox
 * lists a guest that was just created or restored without a name for up to ten seconds.
 */
export async function withMissingNames(
  listing: Inventory,
  live: Pick<LiveGuests, "read">,
  signal: AbortSignal,
): Promise<Inventory> {
  if (listing.nameless.length > mostAsked) return listing;
  const untilThen = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);

  async function withName(guest: Guest): Promise<Guest> {
    if (guest.name !== undefined) return guest;
    try {
      const { listed, config } = await live.read(guest, untilThen);
      return { ...guest, name: nameOf(listed.kind, listed.vmid, config) };
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ProxmoxError || untilThen.aborted) return guest;
      throw error;
    }
  }

  const guests = await Promise.all(listing.guests.map(withName));
  const nameless = guests.filter(({ name }) => name === undefined).map(({ vmid }) => vmid);
  return { guests, nameless };
}
