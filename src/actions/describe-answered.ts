import type { Outcome } from "./action-report.ts";
import type { Confirmation } from "./confirmation-store.ts";
import { describeWaiting } from "./who-answers.ts";

/** What became of a confirmation, in one sentence that code vouches for. */
export function describeAnswered(
  { summary, target }: Pick<Confirmation, "summary" | "target">,
  outcome: Outcome,
): string {
  switch (outcome.kind) {
    case "done": {
      const how = target.at ? "Confirmed and scheduled" : "Confirmed and done";
      return `${how}: ${summary}${outcome.upid ? ` (${outcome.upid})` : ""}`;
    }
    case "awaiting-confirmation":
      return `${describeWaiting(outcome.confirmation)} (${summary})`;
    default:
      return `${outcome.message} (${summary})`;
  }
}
