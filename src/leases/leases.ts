import type { Clock } from "#src/clock.ts";
import type { SelectableGuest } from "#src/policy/guest-selector.ts";
import { goesByOwner, leaseTermsFor, ownerAmong } from "#src/policy/lease-rules.ts";
import type { PolicyDocument } from "#src/policy/policy-document.ts";
import type { Principal } from "#src/policy/principal.ts";
import { type KeepableGuest, lastingObstacle } from "#src/policy/protection.ts";
import type { LeaseStore } from "./lease-store.ts";
import type { LeaseSpan } from "./lease-time.ts";

/** A guest that may live under a lease. */
export type LeasableGuest = SelectableGuest & KeepableGuest & { readonly fingerprint?: string };

/** A lease, and what is known of its guest. */
export interface BookedLease extends LeaseSpan {
  /** Whether it has been noted: if not, it begins at the next look at the leases. */
  readonly isNoted: boolean;
  /** Why its guest cannot be deleted at present, so that it has no end either. */
  readonly obstacle?: string | undefined;
}

/** The leases as they are at one moment. */
export interface LeaseBook {
  /** The lease that a guest lives under; undefined where it lives until somebody deletes it. */
  of(guest: LeasableGuest): BookedLease | undefined;
  /** Whether a guest's owner decides about its lease, so that it matters who that is. */
  readonly byOwner: boolean;
}

/** The leases, for those who ask about them. */
export interface Leases {
  /** As they are now. A lease that nobody has noted yet begins now. */
  read(): Promise<LeaseBook>;
}

interface Deps {
  policy(): Pick<PolicyDocument, "leases" | "protectedGuests">;
  people(): readonly Principal[];
  readonly leases: Pick<LeaseStore, "list">;
  readonly clock: Clock;
  /** Of guests that belong to nobody we know. */
  readonly timeZone: string;
}

export function createLeases({ policy, people, leases, clock, timeZone }: Deps): Leases {
  return {
    async read() {
      const { leases: rules, protectedGuests } = policy();
      const kept = rules.length === 0 ? [] : await leases.list();
      const byVmid = new Map(kept.map((lease) => [lease.guest.vmid, lease]));
      const now = clock.now();
      const known = people();
      return {
        byOwner: goesByOwner(rules),
        of(guest) {
          const owner = ownerAmong(known, guest);
          const terms = leaseTermsFor(rules, guest, owner);
          if (!terms) return undefined;
          const latest = byVmid.get(guest.vmid);
          const { fingerprint = latest?.guest.fingerprint } = guest;
          const noted = latest?.guest.fingerprint === fingerprint ? latest : undefined;
          return {
            terms,
            beganAt: noted?.beganAt ?? now,
            timeZone: owner?.timeZone ?? timeZone,
            isNoted: noted !== undefined,
            obstacle: lastingObstacle(guest, protectedGuests),
          };
        },
      };
    },
  };
}
