import type { Guest, Inventory, InventoryWithOwners } from "./guest.ts";
import { ownerInNotes } from "./guest-facts.ts";
import type { LiveGuests } from "./live-guests.ts";
import { ProxmoxError } from "./proxmox-error.ts";

/** A cluster with more guests without an owner's tag does not keep owners in notes. */
const mostAsked = 50;
const timeoutMs = 8_000;

/**
 * The listing with the owners that stand in notes, which only the guests' own nodes tell. Of whom
 * they did not, or were not asked, nobody knows whether they have one.
 */
export async function withOwnersInNotes(
  listing: Inventory,
  live: Pick<LiveGuests, "read">,
  signal: AbortSignal,
): Promise<InventoryWithOwners> {
  const untilThen = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const untagged = listing.guests.filter(({ owner }) => owner === undefined);
  const unread = new Set(untagged.slice(mostAsked).map(({ vmid }) => vmid));

  async function withOwner(guest: Guest): Promise<Guest> {
    if (guest.owner !== undefined || unread.has(guest.vmid)) return guest;
    try {
      const { config } = await live.read(guest, untilThen);
      return { ...guest, owner: ownerInNotes(config.description) };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ProxmoxError) && !untilThen.aborted) throw error;
      unread.add(guest.vmid);
      return guest;
    }
  }

  const guests = await Promise.all(listing.guests.map(withOwner));
  return { ...listing, guests, ownersUnread: [...unread] };
}
