import type { Temporal } from "temporal-polyfill";
import type { Clock } from "#src/clock.ts";
import type { SelectableGuest } from "#src/policy/guest-selector.ts";
import { goesByOwner, leaseTermsFor, ownerAmong } from "#src/policy/lease-rules.ts";
import type { PolicyDocument } from "#src/policy/policy-document.ts";
import type { Principal } from "#src/policy/principal.ts";
import type { LeaseStore } from "./lease-store.ts";
import type { LeaseSpan } from "./lease-time.ts";

/** The leases as they are at one moment. */
export interface LeaseBook {
  /** The lease that a guest lives under; undefined where it lives until somebody deletes it. */
  of(guest: SelectableGuest & { readonly fingerprint?: string }): LeaseSpan | undefined;
  /** Whether a guest's owner decides about its lease, so that it matters who that is. */
  readonly byOwner: boolean;
}

/** The leases, for those who ask about them. */
export interface Leases {
  /** As they are now. A lease that nobody has noted yet begins now. */
  read(): Promise<LeaseBook>;
}

interface Deps {
  policy(): Pick<PolicyDocument, "leases">;
  people(): readonly Principal[];
  readonly leases: Pick<LeaseStore, "list">;
  readonly clock: Clock;
  /** Of guests that belong to nobody we know. */
  readonly timeZone: string;
}

export function createLeases({ policy, people, leases, clock, timeZone }: Deps): Leases {
  return {
    async read() {
      const { leases: rules } = policy();
      const kept = rules.length === 0 ? [] : await leases.list();
      const byVmid = new Map(kept.map((lease) => [lease.guest.vmid, lease]));
      const now = clock.now();
      const known = people();
      return {
        byOwner: goesByOwner(rules),
        of({ fingerprint, ...guest }) {
          const owner = ownerAmong(known, guest);
          const terms = leaseTermsFor(rules, guest, owner);
          if (!terms) return undefined;
          const lease = byVmid.get(guest.vmid);
          const isSame = fingerprint === undefined || lease?.guest.fingerprint === fingerprint;
          const beganAt: Temporal.Instant = (isSame && lease?.beganAt) || now;
          return { terms, beganAt, timeZone: owner?.timeZone ?? timeZone };
        },
      };
    },
  };
}
