import { Temporal } from "temporal-polyfill";
import { guestLabel } from "#src/actions/guest-target.ts";
import { RefusedError, type ToolContext } from "#src/actions/tool.ts";
import { latestEnd, whoMayLift } from "#src/leases/lease-time.ts";
import type { Leases } from "#src/leases/leases.ts";
import type { GuestTarget, Target } from "#src/policy/target.ts";
import { describeInstant } from "#src/when/describe-instant.ts";

/**
 * Refuses a time of a deletion that is later than the guest's lease may end.
 *
 * @param planned for when it is planned already; that time may be kept
 * @throws RefusedError
 */
export async function refuseBeyondLease(
  at: Temporal.Instant,
  guest: GuestTarget,
  target: Target,
  leases: Leases,
  { askedAt: now, principal: { timeZone } }: ToolContext,
  planned?: Temporal.Instant,
): Promise<void> {
  const span = (await leases.read()).of(guest);
  const latest = span && latestEnd(span, now);
  const isWithin = (end: Temporal.Instant) => Temporal.Instant.compare(at, end) <= 0;
  if (!latest || isWithin(latest) || (planned && isWithin(planned))) return;
  const message = `The lease of ${guestLabel(guest)} ends on ${describeInstant(latest, { now, timeZone })} at the latest, so its deletion cannot be later. ${whoMayLift}`;
  throw new RefusedError(message, target);
}
