import { Temporal } from "temporal-polyfill";
import { type GuestSelector, isSelected } from "./guest-selector.ts";
import { type Hours, isWithin } from "./hours.ts";
import type { Confirmer, Decision, PolicyRequest } from "./policy.ts";
import type { GuestTarget } from "./target.ts";
import { isAmong, type Who } from "./who.ts";

/** What a rule may decide, mildest first. */
export const verdicts = ["allow", "confirm", "confirm-by-approver", "two-persons", "deny"] as const;
export type Verdict = (typeof verdicts)[number];

/** A rule of the policy file. What it does not say, it does not ask for. */
export interface FileRule {
  readonly who?: Who | undefined;
  /** Tools and effects; absent for whatever changes something. */
  readonly do?: readonly string[] | undefined;
  readonly guests?: GuestSelector | undefined;
  /** When it is to happen, which may be later than it is asked for. */
  readonly hours?: Hours | undefined;
  readonly verdict: Verdict;
  /** The reason, for a person. */
  readonly because?: string | undefined;
}

/** What keeps a rule from deciding about a request. */
export type Mismatch = "who" | "do" | "guests" | "hours";

/**
 * The first thing that keeps a rule from deciding about this guest of a request; undefined when it
 * decides. Where nobody knows whether a person is in a group, every rule but one that allows counts.
 */
export function mismatchOf(
  rule: FileRule,
  request: PolicyRequest,
  guest: GuestTarget | undefined,
): Mismatch | undefined {
  const { principal, tool, effect, target, now } = request;
  const isMeant = rule.who ? isAmong(rule.who, principal) : true;
  if (isMeant === false || (isMeant === "unknown" && rule.verdict === "allow")) return "who";
  const isDone = rule.do ? rule.do.includes(tool) || rule.do.includes(effect) : effect !== "read";
  if (!isDone) return "do";
  if (rule.guests && !(guest && isSelected(rule.guests, guest, principal))) return "guests";
  const at = target.at === undefined ? now : Temporal.Instant.from(target.at);
  return rule.hours && !isWithin(rule.hours, at) ? "hours" : undefined;
}

const confirmerOf: Readonly<Partial<Record<Verdict, Confirmer>>> = {
  confirm: "requester",
  "confirm-by-approver": "approver",
  "two-persons": "two-persons",
};

/** What a rule decides, and why, in words. */
export function decisionOf({ verdict, because }: FileRule): Decision {
  if (verdict === "allow") return { kind: "allow" };
  const by = confirmerOf[verdict];
  if (by) return { kind: "confirm", by, reasons: because === undefined ? [] : [because] };
  return { kind: "deny", reason: because ?? "A rule of the policy forbids this." };
}

/** The verdict that a decision is, as the policy file writes it. */
export function verdictOf(decision: Decision): Verdict {
  if (decision.kind !== "confirm") return decision.kind;
  const { by } = decision;
  return verdicts.find((one) => confirmerOf[one] === by) ?? "deny";
}
