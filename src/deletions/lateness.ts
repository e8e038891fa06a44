import type { Clock } from "#src/clock.ts";
import { PublicError } from "#src/errors.ts";
import { type DeletionSettings, objectionToTime } from "./decide.ts";
import type { Claim } from "./deletion.ts";
import { isPast } from "./deletion-time.ts";

/** With less of the lease left, nothing is begun any more. */
const leaseReserve = { minutes: 1 } as const;

interface Deps {
  readonly clock: Clock;
  readonly settings: Pick<DeletionSettings, "preparationTime">;
}

/**
 * Time may have passed in any of the steps before: the machine may have been suspended for hours,
 * and another process may have taken the deletion over.
 *
 * @throws PublicError
 */
export function refuseWithoutLease({ leaseUntil }: Claim, { clock }: Pick<Deps, "clock">): void {
  if (!isPast(clock.now(), leaseUntil.subtract(leaseReserve))) return;
  throw new PublicError("Too much time has passed since this was checked.");
}

/** The same, and neither may the deletion be over its time. @throws PublicError */
export function refuseWhenLate(claim: Claim, { clock, settings }: Deps): void {
  refuseWithoutLease(claim, { clock });
  const late = objectionToTime(claim, clock.now(), settings);
  if (late) throw new PublicError(`It is too late for this: ${late.reason}.`);
}
