import type { RunContext } from "#src/agent/model.ts";
import { asksForFacts, asksToKnow } from "./asks-to-know.ts";
import { clausesOf, joinLeadingTimes } from "./clauses.ts";
import type { Turn } from "./conversation.ts";
import { asTrial, howToTry, readTrial } from "./dry-run.ts";
import { guardAnswer, quotation, quotesSomebody, spokenLine } from "./guards.ts";
import { releaseOfHeld } from "./held.ts";
import { planKeeping } from "./keeping.ts";
import { planLease } from "./leases.ts";
import type { Lexicon } from "./lexicon.ts";
import { type Plan, say } from "./plan.ts";
import { planClauses } from "./plan-clauses.ts";
import { withoutPoliteness } from "./politeness.ts";
import type { Answer } from "./progress.ts";
import { type Read, readRequest } from "./requests.ts";
import { findTime } from "./times.ts";
import { masked, normalise, type Word, wordsOf } from "./words.ts";

/** Plans one message by itself; `answer` is what was said later to the question it led to. */
export function planText(
  text: string,
  earlier: readonly Turn[],
  lexicon: Lexicon,
  context: RunContext,
  answer?: Answer,
): Plan {
  const trial = readTrial(text, lexicon);
  if (!trial) return planRequests(text, earlier, lexicon, context, answer);
  const { request } = trial;
  if (request === undefined) return say(howToTry);
  const source = normalise(request);
  const words = lexicon.mark(wordsOf(source));
  const plan =
    releaseOfHeld(words) ??
    planLease(words, { source, earlier, lexicon, moment: momentOf(context) }) ??
    planKeeping(words, { source, earlier, lexicon }) ??
    planRequests(request, earlier, lexicon, context, answer);
  return asTrial(plan, trial);
}

/** Where and when the words of a run are read. */
export function momentOf({ now, principal: { timeZone } }: RunContext) {
  return { now, timeZone };
}

function planRequests(
  text: string,
  earlier: readonly Turn[],
  lexicon: Lexicon,
  context: RunContext,
  answer: Answer | undefined,
): Plan {
  const message = readMessage(text, lexicon);
  const objection = objectionTo(message, lexicon);
  if (objection) return say(objection);
  const clauses = message.clauses.map(({ words, read }) => ({
    words,
    request: read.kind === "request" ? read.request : undefined,
  }));
  const moment = momentOf(context);
  return planClauses({ clauses, source: message.source, lexicon, moment, answer }, earlier);
}

interface Message {
  /** The text that the words' positions count in. */
  readonly source: string;
  readonly words: readonly Word[];
  /** The same words without those that are only polite. */
  readonly plain: readonly Word[];
  readonly clauses: readonly { readonly words: readonly Word[]; readonly read: Read }[];
}

function readMessage(text: string, lexicon: Lexicon): Message {
  const source = normalise(text);
  const words = lexicon.mark(wordsOf(source));
  const { words: plain, asked } = withoutPoliteness(words);
  const clauses = joinLeadingTimes(clausesOf(plain), source).map((clause) => ({
    words: clause,
    read: asksToKnow(clause)
      ? ({ kind: "other" } as const)
      : readRequest(clause, source, asked, lexicon),
  }));
  return { source, words, plain, clauses };
}

/** Why nothing is done about a message that speaks of a change, if that is so. */
function objectionTo(message: Message, lexicon: Lexicon): string | undefined {
  const { source, plain, clauses } = message;
  if (speaksOfChange(message, lexicon)) {
    const spoken = spokenLine(findTime(plain, source).rest, lexicon);
    const objection = asksKindly(message) ? undefined : guardAnswer(spoken);
    if (objection) return objection;
    if (quotesSomebody(masked(plain))) return quotation;
  }
  const told = clauses.find(({ read }) => read.kind === "say");
  return told?.read.kind === "say" ? told.read.text : undefined;
}

function speaksOfChange({ source, clauses }: Message, lexicon: Lexicon): boolean {
  return clauses.some(
    ({ words, read }) =>
      read.kind === "request" || readRequest(words, source, true, lexicon).kind === "request",
  );
}

/** "can I keep web-02?", "could we get a list please": questions that are requests all the same. */
function asksKindly({ words, plain, clauses }: Message): boolean {
  const onlyKeeps = clauses.every(
    ({ read }) => read.kind !== "request" || /cancel|reschedule/.test(read.request.act),
  );
  return (
    (onlyKeeps && /^ *(?:can|could|may) (?:i|we)\b/.test(masked(plain))) ||
    /^ *(?:can|could) we .*\bplease\b/.test(masked(words)) ||
    clauses.every((clause) => asksForFacts(clause.words))
  );
}
