import { decisionOf, type Mismatch, mismatchOf } from "./file-rule.ts";
import {
  type Decision,
  type PolicyRequest,
  type PurePolicy,
  stricter,
  unjudged,
} from "./policy.ts";
import type { PolicyDocument } from "./policy-document.ts";
import { decideByRole, nobody } from "./roles.ts";
import { secure } from "./safeguards.ts";
import { type GuestTarget, guestsIn } from "./target.ts";

/** One thing that was looked at on the way to a decision. */
export interface Consideration {
  /** Where it stands in the policy file: `rules[2]`, `role operator`, `limits`. */
  readonly by: string;
  /** The guest that it is about, where there are several. */
  readonly vmid?: number | undefined;
  /** What it said, or why it said nothing. */
  readonly says: Decision | { readonly kind: "passed"; readonly mismatch: Mismatch };
}

export interface Judgement {
  readonly decision: Decision;
  /** In the order in which they were looked at. */
  readonly considered: readonly Consideration[];
}

/** The policy that a document is. */
export function policyOf(document: PolicyDocument): PurePolicy {
  return { evaluate: (request) => judge(document, request).decision };
}

/**
 * What a document decides, and how it came to that: for each guest the first rule that matches,
 * else the role, of several guests the strictest; then the safeguards, which only make it stricter.
 * What cannot be judged is denied.
 */
export function judge(document: PolicyDocument, request: PolicyRequest): Judgement {
  const considered: Consideration[] = [];
  try {
    return { decision: decide(document, request, considered), considered };
  } catch {
    return { decision: unjudged, considered };
  }
}

function decide(
  document: PolicyDocument,
  request: PolicyRequest,
  considered: Consideration[],
): Decision {
  const decision = decideByFile(document, request, considered);
  return secure(document, request, decision, (by, says) => considered.push({ by, says }));
}

function decideByFile(
  document: PolicyDocument,
  request: PolicyRequest,
  considered: Consideration[],
): Decision {
  const { principal, target } = request;
  const byRole = () => {
    const says = decideByRole(document.roles, request);
    considered.push({ by: `role ${principal.role}`, says });
    return says;
  };
  // No rule for everybody is meant for those who may do nothing.
  if (principal.role === nobody || !Object.hasOwn(document.roles, principal.role)) return byRole();

  const guests = guestsIn(target);
  const each = guests.length > 0 ? guests : [undefined];
  const decisions = each.map((guest) => {
    const vmid = guests.length > 1 ? guest?.vmid : undefined;
    return firstMatch(document, request, guest, (by, says) => considered.push({ by, vmid, says }));
  });
  return decisions.map((decision) => decision ?? byRole()).reduce(stricter);
}

function firstMatch(
  { rules }: PolicyDocument,
  request: PolicyRequest,
  guest: GuestTarget | undefined,
  note: (by: string, says: Consideration["says"]) => void,
): Decision | undefined {
  for (const [index, rule] of rules.entries()) {
    const mismatch = mismatchOf(rule, request, guest);
    const says = mismatch ? ({ kind: "passed", mismatch } as const) : decisionOf(rule);
    note(`rules[${index}]`, says);
    if (says.kind !== "passed") return says;
  }
  return undefined;
}
