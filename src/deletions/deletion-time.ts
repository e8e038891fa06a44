import { Temporal } from "temporal-polyfill";
import { guestLabel } from "#src/actions/guest-target.ts";
import { describeInstant } from "#src/when/describe-instant.ts";
import type { Deletion } from "./deletion-store.ts";

/** How late a deletion may still begin; after that a person has to say when. */
const grace = { minutes: 30 } as const;

/** Why the deletion must not begin at `now`; undefined when it must. */
export function objectionToNow(deletion: Deletion, now: Temporal.Instant): string | undefined {
  const { state, dueAt, timeZone, confirmedBy } = deletion;
  const due = describeInstant(dueAt, { now, timeZone });
  if (state !== "planned") return `its deletion is not planned but ${state}`;
  if (!confirmedBy) return `nobody has confirmed the time, ${due}`;
  if (Temporal.Instant.compare(now, dueAt) < 0) return `it is not due yet, but ${due}`;
  if (Temporal.Instant.compare(now, dueAt.add(grace)) > 0) {
    return `it was due ${due}, which is more than ${grace.minutes} minutes ago`;
  }
  return undefined;
}

/** What people are told from one day before, by the wall clock, until it is due. */
export function reminderFor(deletion: Deletion, now: Temporal.Instant): string | undefined {
  const { state, guest, dueAt, timeZone } = deletion;
  const from = dueAt.toZonedDateTimeISO(timeZone).subtract({ days: 1 }).toInstant();
  const early = Temporal.Instant.compare(now, from) < 0;
  const late = Temporal.Instant.compare(now, dueAt) >= 0;
  if (state !== "planned" || early || late) return undefined;
  const due = describeInstant(dueAt, { now, timeZone });
  return `${guestLabel(guest)} will be deleted for good on ${due}. Until then it can be cancelled.`;
}
