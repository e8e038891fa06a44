import type { Policy, PolicyRequest } from "#src/policy/policy.ts";
import type { Brake, Frozen } from "./brake.ts";

/**
 * A policy that denies every change while everything is frozen; reading goes on, and so does
 * cancelling deletions, because what is not deleted can still be deleted later.
 *
 * @param isExempt for what has begun already and must come to its end
 */
export function braked(
  policy: Policy,
  brake: Pick<Brake, "state">,
  isExempt: (request: PolicyRequest) => boolean = () => false,
): Policy {
  return {
    async evaluate(request) {
      const isStopped = request.effect !== "read" && !isSafe(request) && !isExempt(request);
      const frozen = isStopped ? await brake.state() : undefined;
      return frozen ? { kind: "deny", reason: describeFrozen(frozen) } : policy.evaluate(request);
    },
  };
}

/** Takes nothing from anybody, ever. */
function isSafe({ tool }: PolicyRequest): boolean {
  return tool === "cancel_deletion";
}

/** Who has frozen everything, why, and what to do about it. */
export function describeFrozen({ by, reason, since, release }: Frozen): string {
  const when = since ? ` since ${since.toString({ smallestUnit: "minute" })}` : "";
  const why = reason ? ` (${reason})` : "";
  return `Every change is stopped by ${by}${when}${why}. ${release}`;
}
