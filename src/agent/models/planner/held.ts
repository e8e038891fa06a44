import { call, type Plan } from "./plan.ts";
import { withoutPoliteness } from "./politeness.ts";
import { masked, type Word } from "./words.ts";

const verb =
  "(?:release|unblock|resume|carry out|go ahead with|go on with|let go(?: of)?|let through|delete|remove)";
const held = "(?:held|held back|on hold|blocked)";
const releasing = new RegExp(
  `^${verb} (?:now )?(?:(?:all|of|the|those|these|everything|what|deletions?|removals?|guests?|ones?|that|which|is|are|were|was|being) )*${held}(?: (?:deletions?|removals?|guests?|ones?|now|at once|immediately))*$`,
);

/** "release the held deletions": all that wait because there were too many. */
export function releaseOfHeld(words: readonly Word[]): Plan | undefined {
  const line = masked(withoutPoliteness(words).words)
    .replace(/[ ,.!?]+/g, " ")
    .trim();
  if (!releasing.test(line)) return undefined;
  return { kind: "calls", calls: [call("release_held_deletions")] };
}
