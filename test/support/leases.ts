import type { LeaseSpan } from "#src/leases/lease-time.ts";
import type { Leases } from "#src/leases/leases.ts";

/** A policy without leases. */
export const noLeases: Leases = { read: async () => ({ of: () => undefined, byOwner: false }) };

/** Each guest lives under this one. */
export function leasesOf(span: LeaseSpan): Leases {
  return { read: async () => ({ of: () => span, byOwner: false }) };
}
