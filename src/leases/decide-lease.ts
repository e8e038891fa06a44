import { Temporal } from "temporal-polyfill";
import { type Deletion, isEndOfLease, movableStates } from "#src/deletions/deletion.ts";
import { type LeaseSpan, latestEnd, nextEnd } from "./lease-time.ts";

/** A guest that lives under a lease. */
export interface LeasedGuest {
  readonly span: LeaseSpan;
  /** Why it cannot be deleted at present, so that its lease does not end either. */
  readonly suspended?: string | undefined;
  /** Its open deletion, whoever has asked for it. */
  readonly open?: Deletion | undefined;
}

/** What to do about a lease; its end is a deletion that nobody has confirmed. */
export type LeaseStep =
  | { readonly kind: "rest" }
  | { readonly kind: "set-end"; readonly at: Temporal.Instant }
  | { readonly kind: "put-back"; readonly deletion: Deletion; readonly at: Temporal.Instant }
  | { readonly kind: "take-back"; readonly deletion: Deletion; readonly reason: string };

/** What to do about the lease of a guest now. Pure; what a person has confirmed is left alone. */
export function decideLease(
  { span, suspended, open }: LeasedGuest,
  now: Temporal.Instant,
): LeaseStep {
  if (suspended !== undefined) {
    return open && isEndOfLease(open)
      ? { kind: "take-back", deletion: open, reason: suspended }
      : { kind: "rest" };
  }
  if (!open) return { kind: "set-end", at: nextEnd(span, now) };
  const latest = latestEnd(span, now);
  // Moved in the calendar, or set while the policy allowed more.
  const isTooFar = latest !== undefined && Temporal.Instant.compare(open.dueAt, latest) > 0;
  const isOpen = !open.confirmedBy && movableStates.includes(open.state);
  return isTooFar && isOpen ? { kind: "put-back", deletion: open, at: latest } : { kind: "rest" };
}
