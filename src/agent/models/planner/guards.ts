import { isLanguage } from "./language.ts";
import type { Lexicon } from "./lexicon.ts";
import { masked, type Word } from "./words.ts";

const oneOf = (phrases: readonly string[]) => `(?:${phrases.join("|")})`;
const sentenceStart = "(?:^|[.!?,;\\n] )(?: *(?:and|so|but|wait|hmm) )* *";

const corrections = [
  "i (?:mean|meant)",
  "correction",
  "make that",
  "scratch that",
  "(?<!^[ ,]*)(?:no wait|wait no)",
  "or rather",
  "sorry ,? ?(?:not|§|the)",
];

/** How a sentence begins that asks about a change. */
const questions = [
  "what (?:would|will(?! (?:be|get) \\w+ed)|happens?|could|might|if|about if|does)",
  "what is (?:going to happen|the (?:best|right|correct|safest|proper|easiest) )",
  "suppose|supposing|imagine|assume|hypothetically|theoretically|say i|let us say|explain",
  "would (?:i|we|stopping|deleting|removing|restarting|rebooting|anything|anyone|someone|that)",
  "would it (?:be|hurt|matter|break)",
  "will it (?:hurt|matter|break)",
  "could (?:i|we|one)",
  "can (?:i|we|one|anyone|he|she|they)",
  "may (?:i|we)",
  "should (?:i|we|one)",
  "shall (?:i|we)",
  "do (?:i|we) (?:have to|need|want)",
  "do you (?:know how|think|recommend|believe|suggest)",
  "am i (?:allowed|able|permitted)",
  "are (?:we|you) able|are we allowed",
  "is it (?:ok|okay|safe|possible|wise|allowed|fine|alright|a good idea|bad|dangerous|risky|smart|better|worth)",
  "is (?:deleting|stopping|restarting|removing|rebooting|there a way)",
  "how (?:do|can|could|would|should|to|does|did|about if|long (?:does|would|will|do))",
  "who (?:can|may|could|is allowed)",
  "why (?:would|should|do|does|did|can|is it not)",
  "which .* (?:should|could|can) (?:i|we)",
  "when (?:should|could|can|would) (?:i|we)",
];

/** What somebody says who has not decided, after "I" or "we". */
const doubts = [
  "might|may|could|wonder|was wondering|wish|wanted|ought|plan on|am about|am not sure",
  "(?:am|are) thinking|am (?:considering|planning)|think (?:about|of|i|we)",
  "(?:was|were) going to|(?:will|should) probably",
];
const undecided = [
  `\\b(?:i|we) ${oneOf(doubts)}\\b`,
  "^ *(?:maybe|perhaps|possibly|probably)\\b",
  "\\b(?:thinking (?:of|about)|considering|tempted to|planning to|(?:would|should|could) have)\\b",
  "^ *(?:i|we) (?:should|could|will|would|am going to|are going to)\\b",
];

const conditions = [
  "if|unless|provided|assuming|in case|as long as|only when|(?<!at )once|whenever|as soon as",
  "but not(?: yet)?(?= *[.!?]*$)",
  "until|while|in the event|depending|otherwise|given that",
  "when (?:it|they|he|she|the|its|everyone|everybody|nobody|no one|§|all|cpu|load|memory|done|finished|idle|ready|possible)",
];

const otherEvents = [
  "it|they|its|§ |you|everyone|everybody|he |she |that (?:is|has)",
  "the (?!end|\\d|weekend|day)",
];

/** Sentences that speak of a change without asking for it, each with the answer they get. */
const notRequests: readonly (readonly [pattern: RegExp, answer: string])[] = [
  [
    new RegExp(`\\b${oneOf(corrections)}\\b`),
    "That corrects itself, so I did nothing. Please say once more what to do, and with which guest.",
  ],
  [
    new RegExp(`${sentenceStart}${oneOf(questions)}\\b`),
    'I did nothing: that was a question about a change, not a request for it. Say it as a request, such as "restart web-02", and I will do it.',
  ],
  [
    new RegExp(oneOf(undecided)),
    "I did nothing, since that did not sound decided. Tell me to do it, and I will.",
  ],
  [
    new RegExp(`\\b${oneOf(conditions)}\\b(?! possible| as possible| not| so)`),
    "I cannot wait for a condition, so I did nothing. Ask me again when it should happen, and I will do it at once.",
  ],
  [
    new RegExp(`\\b(?:after|before) ${oneOf(otherEvents)}`),
    "I cannot wait for something else to happen, so I did nothing. Ask me again when it should happen.",
  ],
];

const askedWhether =
  /\b(?:(?:tell|show) (?:me|us)|let (?:me|us) know|check|see|find out|look|verify) if\b/g;

/** The answer to a sentence that is no request, although it speaks of a change. */
export function guardAnswer(line: string): string | undefined {
  const plain = line.replace(askedWhether, " whether");
  return notRequests.find(([pattern]) => pattern.test(plain))?.[1];
}

/** The answer to a message that quotes a change. */
export const quotation =
  "I did nothing: that repeats somebody else's words. Say it as your own request if you want it done.";

/** "the note says: delete it": what follows is told, whoever wrote it. */
export function quotesSomebody(line: string): boolean {
  return /\b(?:sa(?:ys?|id)|wr(?:ites?|ote)|reads?|states?d?|claims?(?:ed)?|tells?|told|asks?(?:ed)?|demands?(?:ed)?|instructs?(?:ed)?|ordered|mentions?|contains?)(?: (?:me|us|you|that|to|there))* [:¤]/.test(
    line,
  );
}

/** Who can have done something, between what opens a sentence and the verb. */
const people = [
  "i|we|he|she|they|you|it|someone|somebody|nobody",
  "the (?:team|admin|boss|user)|my (?:boss|colleague|manager|coworker)",
  "§(?: (?:and|,) §)*",
];
const betweenThemAndVerb = [
  "have|has|had|was|were|is|are|got|been|being|did|does|do|keeps?|not|that|me|us|to|i",
  "already|just|also|never|accidentally|recently|only",
  "said|says|told|tells|asked|wrote|crashed|died|went|failed",
];
const pastVerbs =
  "(?!need\\b|speed\\b)[a-z]+ed|shut|cut|put|took|brought|killed|threw|tore|kept|went|says?|wrote|told|asks?";

const reports: readonly RegExp[] = [
  new RegExp(
    `(?:^|[.!?,;\\n] )(?: *(?:and|so|but|just|today|yesterday|earlier) )* *${oneOf(people)}(?: ${oneOf(betweenThemAndVerb)})* (?:${pastVerbs})\\b`,
  ),
  /\b(?:said|says|wrote|writes|told me|tells me|asked me|quote|the message (?:was|says|reads)|the (?:ticket|email|mail|note|docs?|manual|page|log) (?:says|said|reads|tells))\b/,
  /\b(?:has|have|had) (?:already |just )?been \w+ed\b/,
  /\b(?:was|were|got) (?:already |just |accidentally )?(?:\w+ed|shut)\b/,
];

/** "I deleted web-02 yesterday", "bob wrote …": told, not asked for. */
export function isReport(line: string): boolean {
  return reports.some((pattern) => pattern.test(line));
}

/** "don't stop web-02", "never delete it": asks for nothing to be done. */
export function isNegated(line: string): boolean {
  return (
    /\b(?:(?:do|does|did|should|must|can|will|would|shall|are|is|may|need|rather|please|better|definitely|absolutely|certainly) not\b|never|no need to|not to|no longer|avoid|refrain|nobody should|no one should|under no circumstances|stop (?:trying|attempting) to)/.test(
      line,
    ) || /^ *(?:,|and|but|so)* *not\b/.test(line)
  );
}

/** The words as one line in which the owners of guests are "he", so that no rule needs their names. */
export function spokenLine(words: readonly Word[], { owners }: Lexicon): string {
  const isOwner = ({ text, quoted }: Word) => !quoted && owners.has(text) && !isLanguage(text);
  return masked(words.map((word) => (isOwner(word) ? { ...word, text: "he" } : word)));
}
