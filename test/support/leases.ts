import type { BookedLease, Leases } from "#src/leases/leases.ts";
import { noGuests } from "#src/policy/policy-document.ts";
import { lastingObstacle } from "#src/policy/protection.ts";

/** A policy without leases. */
export const noLeases: Leases = { read: async () => ({ of: () => undefined, byOwner: false }) };

/** Each guest lives under this one, which is noted unless that is said. */
export function leasesOf(lease: Omit<BookedLease, "isNoted"> & Partial<BookedLease>): Leases {
  return {
    read: async () => ({
      of: (guest) => ({ isNoted: true, obstacle: lastingObstacle(guest, noGuests), ...lease }),
      byOwner: false,
    }),
  };
}
