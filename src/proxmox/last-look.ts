import type { Clock } from "#src/clock.ts";
import { ProxmoxError } from "./proxmox-error.ts";

/** How long a look at a guest holds, in milliseconds: what Proxmox gives a node to answer. */
const holdsFor = 30_000;

/**
 * Call before the look at a guest begins; the result guards the request that rests on it: whoever
 * is suspended in between wakes up in another world, in which the VMID may be another guest's. The
 * caller's own guard is asked first.
 */
export function guardOfLook(clock: Clock, ownGuard?: (() => void) | undefined): () => void {
  const now = () => clock.now().epochMilliseconds;
  const lookedAt = now();
  return () => {
    ownGuard?.();
    if (Math.abs(now() - lookedAt) <= holdsFor) return;
    const message =
      "Too much time passed after the last look at the guest, so nothing was done to it; try again.";
    throw new ProxmoxError("unreachable", message);
  };
}
