import type { Clock } from "#src/clock.ts";
import type { Logger } from "#src/log.ts";
import type { Guest, GuestDetail, GuestHold, Guests } from "#src/proxmox/guest.ts";
import { endOf, type Hold, type HoldStore, isInForce } from "./hold-store.ts";

export interface HoldDeps {
  readonly holds: Pick<HoldStore, "find" | "list">;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What is so of a guest while nobody can tell. */
const unknown: GuestHold = { reason: "whether it is on hold cannot be read at the moment" };

/** The guests with their holds. While those cannot be read, every guest is on hold. */
export function withHolds(guests: Guests, deps: HoldDeps): Guests {
  return {
    list: (signal) => listed(guests.list(signal), deps),
    listWithOwners: (signal) => listed(guests.listWithOwners(signal), deps),
    find: async (reference, signal) => found(await guests.find(reference, signal), deps),
  };
}

async function listed<Listing extends { readonly guests: readonly Guest[] }>(
  listing: Promise<Listing>,
  deps: HoldDeps,
): Promise<Listing> {
  const [inventory, holdOn] = await Promise.all([listing, holdsOn(deps)]);
  const held = inventory.guests.map((guest) => {
    const hold = holdOn(guest);
    return hold ? { ...guest, hold } : guest;
  });
  return { ...inventory, guests: held };
}

async function holdsOn({ holds, log }: HoldDeps): Promise<(guest: Guest) => GuestHold | undefined> {
  try {
    const byVmid = new Map((await holds.list()).map((hold) => [hold.guest.vmid, hold]));
    return ({ vmid }) => {
      const hold = byVmid.get(vmid);
      return hold && holdOf(hold);
    };
  } catch (error) {
    log.error({ err: error }, "the holds cannot be read");
    return () => unknown;
  }
}

async function found(guest: GuestDetail, { holds, clock, log }: HoldDeps): Promise<GuestDetail> {
  try {
    const latest = await holds.find(guest.vmid);
    if (!latest) return guest;
    return isInForce(latest, clock.now())
      ? { ...guest, hold: holdOf(latest) }
      : { ...guest, holdEndedAt: endOf(latest)?.toString() };
  } catch (error) {
    log.error({ err: error }, "the holds cannot be read");
    return { ...guest, hold: unknown };
  }
}

function holdOf({ by, reason, until }: Hold): GuestHold {
  return { by: by.name, reason, until: until?.toString() };
}
