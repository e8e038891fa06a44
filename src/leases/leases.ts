import type { Temporal } from "temporal-polyfill";
import type { Clock } from "#src/clock.ts";
import type { SelectableGuest } from "#src/policy/guest-selector.ts";
import { leaseTermsFor, ownerAmong } from "#src/policy/lease-rules.ts";
import type { PolicyDocument } from "#src/policy/policy-document.ts";
import type { Principal } from "#src/policy/principal.ts";
import type { LeaseStore } from "./lease-store.ts";
import type { LeaseSpan } from "./lease-time.ts";

/** The lease that a guest lives under; undefined where it lives until somebody deletes it. */
export type LeaseOf = (
  guest: SelectableGuest & { readonly fingerprint?: string },
) => LeaseSpan | undefined;

/** The leases, for those who ask about them. */
export interface Leases {
  /** As they are now. A lease that nobody has noted yet begins now. */
  read(): Promise<LeaseOf>;
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
      if (rules.length === 0) return () => undefined;
      const kept = new Map((await leases.list()).map((lease) => [lease.guest.vmid, lease]));
      const now = clock.now();
      const known = people();
      return ({ fingerprint, ...guest }) => {
        const owner = ownerAmong(known, guest);
        const terms = leaseTermsFor(rules, guest, owner);
        if (!terms) return undefined;
        const lease = kept.get(guest.vmid);
        const isSame = fingerprint === undefined || lease?.guest.fingerprint === fingerprint;
        const beganAt: Temporal.Instant = (isSame && lease?.beganAt) || now;
        return { terms, beganAt, timeZone: owner?.timeZone ?? timeZone };
      };
    },
  };
}
