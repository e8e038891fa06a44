import { type GuestSelector, isSelected, type SelectableGuest } from "./guest-selector.ts";
import { owns, type Principal } from "./principal.ts";
import type { GuestTarget } from "./target.ts";
import { isAmong, type Who } from "./who.ts";

/** How long a guest may live, in whole days. */
export interface LeaseTerms {
  /** Until its end when nobody says when, and what keeping it adds. */
  readonly defaultDays: number;
  /** The furthest ahead that its end may be put; no limit where it is absent. */
  readonly maximumDays?: number | undefined;
  /** From the lease's beginning to its last end; no limit where it is absent. */
  readonly totalDays?: number | undefined;
}

/** Which guests live under which terms. */
export interface LeaseRule extends LeaseTerms {
  readonly guests?: GuestSelector | undefined;
  /** Of whom the guest's owner has to be one; then a guest that nobody owns does not fit. */
  readonly owners?: Who | undefined;
}

/** The person of the policy whose tag the guest carries. */
export function ownerAmong(
  people: readonly Principal[],
  { owner }: Pick<GuestTarget, "owner">,
): Principal | undefined {
  return owner === undefined ? undefined : people.find((person) => owns(person, owner));
}

/** The terms of the first rule that fits a guest; undefined where it lives until it is deleted. */
export function leaseTermsFor(
  rules: readonly LeaseRule[],
  guest: SelectableGuest,
  owner: Principal | undefined,
): LeaseTerms | undefined {
  return rules.find(({ guests, owners }) => {
    const isMeant = guests === undefined || isSelected(guests, guest);
    return isMeant && (owners === undefined || (owner && isAmong(owners, owner) === true));
  });
}

/** Whether it matters to any of them whose a guest is. */
export function goesByOwner(rules: readonly LeaseRule[]): boolean {
  return rules.some(({ owners }) => owners !== undefined);
}

/** `14d` or `2w` as days; undefined for anything else. */
export function toDays(text: string): number | undefined {
  const [, count, unit] = /^([1-9]\d{0,3})([dw])$/.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * (unit === "w" ? 7 : 1);
}

/** "14 days, never more than 30 days ahead, 90 days in all". */
export function describeTerms({ defaultDays, maximumDays, totalDays }: LeaseTerms): string {
  const days = (count: number) => `${count} day${count === 1 ? "" : "s"}`;
  return [
    days(defaultDays),
    ...(maximumDays === undefined ? [] : [`never more than ${days(maximumDays)} ahead`]),
    ...(totalDays === undefined ? [] : [`${days(totalDays)} in all`]),
  ].join(", ");
}
