import type { LeaseSpan } from "#src/leases/lease-time.ts";
import type { Leases } from "#src/leases/leases.ts";

/** A policy without leases. */
export const noLeases: Leases = { read: async () => () => undefined };

/** Each guest lives under this one. */
export function leasesOf(span: LeaseSpan): Leases {
  return { read: async () => () => span };
}
