import { plainText } from "#src/plain-text.ts";
import { type GuestTarget, guestsIn, type Target } from "#src/policy/target.ts";
import type { ToolContext } from "./tool.ts";

/** What of a guest the policy judges and the audit log keeps. */
export function guestTarget(guest: GuestTarget): GuestTarget {
  const { vmid, kind, fingerprint, name, node, owner, pool, tags } = guest;
  const { protection, template, lock, haManaged, hold } = guest;
  return {
    vmid,
    kind,
    fingerprint,
    name,
    node,
    owner,
    pool,
    tags,
    protection,
    template,
    lock,
    haManaged,
    ...(hold && { hold }),
  };
}

/** How a sentence calls a guest: `web-02 (CT 102 on pve1)`. */
export function guestLabel(guest: Pick<GuestTarget, "vmid" | "kind" | "name" | "node">): string {
  const { vmid, kind, name, node } = guest;
  return `${plainText(name, 64)} (${kind.toUpperCase()} ${vmid} on ${plainText(node, 64)})`;
}

/** A guest that cannot be read any more, as it was last known; what else it was, nobody knows. */
export function lastKnownGuest(
  guest: Pick<GuestTarget, "vmid" | "kind" | "name" | "node" | "fingerprint">,
): GuestTarget {
  return { ...guest, tags: [], protection: false, template: false, haManaged: false };
}

/** On how many guests the request acts that this change is a part of, its own included. */
export function countTargets({ targets }: Pick<ToolContext, "targets">, target: Target): number {
  const guests = guestsIn(target);
  return Math.max(targets?.add(guests) ?? 0, guests.length);
}
