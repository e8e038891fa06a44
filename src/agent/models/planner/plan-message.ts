import type { RunContext } from "#src/agent/model.ts";
import { approval } from "./answers.ts";
import type { Turn } from "./conversation.ts";
import { readTrial } from "./dry-run.ts";
import { followUp } from "./follow-ups.ts";
import { releaseOfHeld } from "./held.ts";
import { planKeeping } from "./keeping.ts";
import { planLease } from "./leases.ts";
import { createLexicon, type Lexicon } from "./lexicon.ts";
import { asMoves } from "./moves.ts";
import { confirmationNote, helpText, inOneStep, type Plan, say } from "./plan.ts";
import { momentOf, planText } from "./plan-text.ts";
import { approvals, greetings, help, refusals, thanks } from "./vocabulary.ts";
import { masked, normalise, wordsOf } from "./words.ts";

/**
 * Longer messages are no everyday requests, and a grammar would only mistake them for some. It also
 * looks at every word again and again, and everybody waits meanwhile: a hostile text of this length
 * takes a quarter of a second, one of four times the length sixteen times as long.
 */
export const maxLength = 2000;

/** Decides what the last of the turns asks for: calls, or a sentence where nothing is certain. */
export function planMessage(turns: readonly Turn[], context: RunContext): Plan {
  const turn = turns.at(-1);
  const lexicon = createLexicon(context);
  if (!turn) return say(helpText);
  if (turn.text.length > maxLength)
    return say(
      "That is longer than I can follow, so I did nothing. Please ask in a sentence or two.",
    );
  const earlier = turns.slice(0, -1);
  const source = normalise(turn.text);
  const words = lexicon.mark(wordsOf(source));
  const line = masked(words)
    .replace(/[ ,.!?:;]+/g, " ")
    .trim();
  const plan =
    smallTalk(line, earlier.at(-1), lexicon, context, earlier) ??
    releaseOfHeld(words) ??
    (readTrial(turn.text, lexicon)
      ? undefined
      : (planLease(words, { source, earlier, lexicon, moment: momentOf(context) }) ??
        planKeeping(words, { source, earlier, lexicon }) ??
        followUp(words, line, earlier, lexicon, context))) ??
    planText(turn.text, earlier, lexicon, context);
  return inOneStep(asMoves(plan, earlier, lexicon));
}

function smallTalk(
  line: string,
  before: Turn | undefined,
  lexicon: Lexicon,
  context: RunContext,
  earlier: readonly Turn[],
): Plan | undefined {
  if (line === "") return say(helpText);
  if (
    greetings.test(line) ||
    /^(?:what is up|how are you|how do you do|how is it going)$/.test(line)
  )
    return say(`Hello! ${helpText}`);
  if (help.test(line)) return say(helpText);
  if (approvals.test(line))
    return before ? approval(before, lexicon, context, earlier) : say(confirmationNote);
  if (/^(?:please )?(?:i )?(?:approve|confirm)\b/.test(line)) return say(confirmationNote);
  if (thanks.test(line)) return say("You are welcome.");
  if (refusals.test(line)) return say("All right, I did nothing more.");
  return undefined;
}
