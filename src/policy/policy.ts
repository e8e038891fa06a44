import type { Temporal } from "temporal-polyfill";
import type { Principal } from "./principal.ts";
import type { Target } from "./target.ts";

/** What a tool does to the cluster, mildest first; a constant of each tool. */
export const effects = ["read", "reversible", "disruptive", "destructive"] as const;
export type Effect = (typeof effects)[number];

/** What was found out about the guests of a request; of several the worst, and absent what is not known. */
export interface RiskFacts {
  /** There is a backup that a person could go back to. */
  readonly hasBackup?: boolean | undefined;
  /** It runs and is being used. */
  readonly busy?: boolean | undefined;
  readonly linkedClones?: number | undefined;
  readonly replicated?: boolean | undefined;
  /** The requester's own words name it, so that nobody else's text has chosen it. */
  readonly namedByRequester?: boolean | undefined;
}

/** What counts towards the policy's limits; absent where nobody has counted. */
export interface Usage {
  /** Destructive acts that people had begun within the last hour. */
  readonly destructiveInLastHour: number;
  /** Open confirmations of whoever asks. */
  readonly openConfirmations: number;
}

/** All that a policy may look at: it reads nothing by itself, not even a clock. */
export interface PolicyRequest {
  readonly tool: string;
  readonly effect: Effect;
  readonly target: Target;
  readonly principal: Principal;
  readonly now: Temporal.Instant;
  /** On how many guests the whole request acts, of which this call may be a part. */
  readonly targets: number;
  readonly facts?: RiskFacts | undefined;
  readonly usage?: Usage | undefined;
  /** Whoever had to confirm it has: it will not be one more open question. */
  readonly approved?: boolean | undefined;
}

/** Who has to confirm: whoever asked, an approver, or both of two different people. */
export const confirmers = ["requester", "approver", "two-persons"] as const;
export type Confirmer = (typeof confirmers)[number];

export type Decision =
  | { readonly kind: "allow" }
  | {
      readonly kind: "confirm";
      readonly by: Confirmer;
      /** Why it is asked, for a person; empty where that goes without saying. */
      readonly reasons: readonly string[];
    }
  | { readonly kind: "deny"; readonly reason: string };

/** Decides about one request, or leaves it to the next rule. Pure: no I/O, no clock. */
export type Rule = (request: PolicyRequest) => Decision | undefined;

/** Decides about requests. A rejection means that nothing may be done. */
export interface Policy {
  evaluate(request: PolicyRequest): Decision | Promise<Decision>;
}

/** A policy that only looks at the request. */
export interface PurePolicy extends Policy {
  evaluate(request: PolicyRequest): Decision;
}

/** The first rule that decides wins; what no rule decides is denied, and what makes a rule throw. */
export function createPolicy(rules: readonly Rule[]): PurePolicy {
  return {
    evaluate(request) {
      try {
        for (const rule of rules) {
          const decision = rule(request);
          if (decision) return decision;
        }
      } catch {
        return unjudged;
      }
      return { kind: "deny", reason: "No policy rule covers this action." };
    },
  };
}

/** The decision where the policy itself has failed. */
export const unjudged: Decision = {
  kind: "deny",
  reason: "The policy could not judge this, so nothing is done.",
};

/** The stricter of two decisions; of two confirmations, with the reasons of both. */
export function stricter(one: Decision, other: Decision): Decision {
  const decisive = rank(other) > rank(one) ? other : one;
  if (decisive.kind !== "confirm" || one.kind !== "confirm" || other.kind !== "confirm") {
    return decisive;
  }
  return { ...decisive, reasons: [...new Set([...one.reasons, ...other.reasons])] };
}

/** How strict a decision is; the more, the stricter. */
export function rank(decision: Decision): number {
  if (decision.kind === "allow") return 0;
  return decision.kind === "deny" ? confirmers.length + 1 : confirmers.indexOf(decision.by) + 1;
}
