import type { Logger } from "#src/log.ts";
import { slackErrorOf } from "#src/slack/slack-error.ts";

/** What a workspace can do besides posting; what it cannot is tried once. */
export interface Abilities {
  has(method: string): boolean;
  /**
   * Calls a method that we can do without. Never rejects.
   *
   * @returns undefined when it failed; the log says why.
   */
  use<T>(method: string, call: () => Promise<T>): Promise<T | undefined>;
}

/** Answers to a method that the workspace lacks, or that our token may not use. */
const lacking = new Set([
  "unknown_method",
  "not_allowed",
  "missing_scope",
  "not_allowed_token_type",
  "no_permission",
  "access_denied",
  "feature_not_enabled",
  "method_deprecated",
  "deprecated_endpoint",
]);

export function createAbilities(log: Logger): Abilities {
  const missing = new Set<string>();

  return {
    has: (method) => !missing.has(method),
    async use(method, call) {
      if (missing.has(method)) return undefined;
      try {
        return await call();
      } catch (error) {
        if (lacking.has(slackErrorOf(error) ?? "")) missing.add(method);
        log.warn({ err: error, method, goesOnWithout: missing.has(method) }, "Slack call failed");
        return undefined;
      }
    },
  };
}
