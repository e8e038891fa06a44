import type { Principal } from "./principal.ts";
import type { Target } from "./target.ts";

/** What a tool does to the cluster, mildest first; a constant of each tool. */
export type Effect = "read" | "reversible" | "disruptive" | "destructive";

export interface PolicyRequest {
  readonly tool: string;
  readonly effect: Effect;
  readonly target: Target;
  readonly principal: Principal;
}

export type Decision =
  | { readonly kind: "allow" }
  | { readonly kind: "confirm" }
  | { readonly kind: "deny"; readonly reason: string };

/** Decides about one request, or leaves it to the next rule. Pure: no I/O, no clock. */
export type Rule = (request: PolicyRequest) => Decision | undefined;

export interface Policy {
  evaluate(request: PolicyRequest): Decision;
}

/** The first rule that decides wins; what no rule decides is denied. */
export function createPolicy(rules: readonly Rule[]): Policy {
  return {
    evaluate(request) {
      for (const rule of rules) {
        const decision = rule(request);
        if (decision) return decision;
      }
      return { kind: "deny", reason: "No policy rule covers this action." };
    },
  };
}
