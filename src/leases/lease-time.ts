import { Temporal } from "temporal-polyfill";
import type { LeaseTerms } from "#src/policy/lease-rules.ts";

/** A lease as its end is worked out: under which terms, since when, and in whose time zone. */
export interface LeaseSpan {
  readonly terms: LeaseTerms;
  readonly beganAt: Temporal.Instant;
  /** In which it ends in the morning. */
  readonly timeZone: string;
}

/** Who may let a guest live longer than its lease lasts. */
export const whoMayLift =
  "Its owner or an admin can put the guest on hold; otherwise the policy has to be changed.";

/** Leases end when people are at work. */
const hourOfEnd = Temporal.PlainTime.from("10:00");
/** Nobody learns of an end with less notice, in days; unless the lease itself is shorter. */
const noticeDays = 7;

/** When a lease ends if nobody says when. */
export function nextEnd(span: LeaseSpan, now: Temporal.Instant): Temporal.Instant {
  return sooner(daysAfter(now, span.terms.defaultDays, span), latestEnd(span, now));
}

/** The furthest that a person may put the end; undefined where nothing limits it. */
export function furthestEnd(span: LeaseSpan, now: Temporal.Instant): Temporal.Instant | undefined {
  const { maximumDays } = span.terms;
  const last = lastEnd(span);
  return maximumDays === undefined ? last : sooner(daysAfter(now, maximumDays, span), last);
}

/**
 * The furthest that an end may lie: as far as a person may put it, and as far as it takes to give
 * notice; undefined where nothing limits it. It never comes nearer as time goes on, so that an end
 * that was in order stays so.
 */
export function latestEnd(span: LeaseSpan, now: Temporal.Instant): Temporal.Instant | undefined {
  const furthest = furthestEnd(span, now);
  return furthest && later(furthest, soonestEnd(span, now));
}

/** Whether the lease has lasted as long as it may in all, so that it is only kept from week to week. */
export function isUsedUp(span: LeaseSpan, now: Temporal.Instant): boolean {
  const last = lastEnd(span);
  return last !== undefined && Temporal.Instant.compare(soonestEnd(span, now), last) >= 0;
}

/** What all of it may last. */
function lastEnd(span: LeaseSpan): Temporal.Instant | undefined {
  const { totalDays } = span.terms;
  return totalDays === undefined ? undefined : daysAfter(span.beganAt, totalDays, span);
}

/** The soonest end that anybody is told of. */
function soonestEnd(span: LeaseSpan, now: Temporal.Instant): Temporal.Instant {
  return daysAfter(now, Math.min(span.terms.defaultDays, noticeDays), span);
}

/** The first morning that is so many days later, or more. */
function daysAfter(
  instant: Temporal.Instant,
  days: number,
  { timeZone }: Pick<LeaseSpan, "timeZone">,
): Temporal.Instant {
  const day = instant.toZonedDateTimeISO(timeZone).add({ days });
  const morning = day.withPlainTime(hourOfEnd);
  const isPast = Temporal.ZonedDateTime.compare(morning, day) < 0;
  return (isPast ? morning.add({ days: 1 }) : morning).toInstant();
}

function sooner(one: Temporal.Instant, other: Temporal.Instant = one): Temporal.Instant {
  return Temporal.Instant.compare(one, other) <= 0 ? one : other;
}

function later(one: Temporal.Instant, other: Temporal.Instant): Temporal.Instant {
  return Temporal.Instant.compare(one, other) >= 0 ? one : other;
}
