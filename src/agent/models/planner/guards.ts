/** Sentences that speak of a change without asking for it, each with the answer they get. */
const notRequests: readonly (readonly [pattern: RegExp, answer: string])[] = [
  [
    /\b(?:i (?:mean|meant)|correction|make that|scratch that|(?<!^[ ,]*)(?:no wait|wait no)|or rather|sorry ,? ?(?:not|§|the))\b/,
    "That corrects itself, so I did nothing. Please say once more what to do, and with which guest.",
  ],
  [
    /(?:^|[.!?,;] )(?: *(?:and|so|but|wait|hmm) )* *(?:what (?:would|will(?! (?:be|get) \w+ed)|happens?|could|might|if|about if)|what is going to happen|suppose|supposing|imagine|assume|hypothetically|theoretically|say i|let us say|would it (?:be|hurt|matter|break)|will it (?:hurt|matter|break)|would (?:i|we|stopping|deleting|removing|restarting|rebooting|anything|anyone|someone|that)|could (?:i|we|one)|can (?:i|we|one|anyone|bob|alice|carol|he|she|they)|may (?:i|we)|should (?:i|we|one)|shall (?:i|we)|do (?:i|we) (?:have to|need|want)|am i (?:allowed|able|permitted)|are we (?:allowed|able)|is it (?:ok|okay|safe|possible|wise|allowed|fine|alright|a good idea|bad|dangerous|risky|smart|better|worth)|is (?:deleting|stopping|restarting|removing|rebooting)|how (?:do|can|could|would|should|to|does|did|about if|long (?:does|would|will|do))|who (?:can|may|could|is allowed)|why (?:would|should|do|does|did|can|is it not)|which .* (?:should|could|can) (?:i|we)|when (?:should|could|can|would) (?:i|we)|are you able|do you (?:know how|think|recommend|believe|suggest)|is there a way|what is the (?:best|right|correct|safest|proper|easiest) |what does|explain)\b/,
    'I did nothing: that was a question about a change, not a request for it. Say it as a request, such as "restart web-02", and I will do it.',
  ],
  [
    /\b(?:i|we) (?:might|may|could|wonder|was wondering|am thinking|are thinking|am considering|think (?:about|of)|think (?:i|we)|am not sure|wish|was going to|were going to|am planning|plan on|am about|will probably|should probably|wanted|ought)\b|^ *(?:maybe|perhaps|possibly|probably)\b|\b(?:thinking (?:of|about)|considering|tempted to|would have|should have|could have|planning to)\b|^ *(?:i|we) (?:should|could|will|would|am going to|are going to)\b/,
    "I did nothing, since that did not sound decided. Tell me to do it, and I will.",
  ],
  [
    /\b(?:if|unless|provided|assuming|in case|as long as|only when|(?<!at )once|whenever|as soon as|until|while|in the event|depending|otherwise|given that|when (?:it|they|he|she|the|its|everyone|everybody|nobody|no one|§|all|cpu|load|memory|bob|alice|carol|done|finished|idle|ready|possible|the backup))\b(?! possible| as possible| not| so)/,
    "I cannot wait for a condition, so I did nothing. Ask me again when it should happen, and I will do it at once.",
  ],
  [
    /\b(?:after|before) (?:it|they|the (?!end|\d|weekend|day)|its|§ |you|that (?:is|has)|everyone|everybody|he |she |bob|alice|carol)/,
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

/** "I deleted web-02 yesterday", "bob wrote …": told, not asked for. */
export function isReport(line: string): boolean {
  return (
    /(?:^|[.!?,;] )(?: *(?:and|so|but|just|today|yesterday|earlier) )* *(?:i|we|he|she|they|you|it|someone|somebody|nobody|alice|bob|carol|the (?:team|admin|boss|user)|my (?:boss|colleague|manager|coworker)|§(?: (?:and|,) §)*)(?: (?:have|has|had|was|were|is|are|got|already|just|also|never|accidentally|recently|only|been|being|not|did|does|do|keeps?|said|says|told|tells|asked|wrote|crashed|died|went|failed|says|says that|that|me|us|to|i))* (?:(?!need\b|speed\b)[a-z]+ed|shut|cut|put|took|brought|killed|threw|tore|kept|went|says?|wrote|told|asks?)\b/.test(
      line,
    ) ||
    /\b(?:said|says|wrote|writes|told me|tells me|asked me|quote|the message (?:was|says|reads)|the (?:ticket|email|mail|note|docs?|manual|page|log) (?:says|said|reads|tells))\b/.test(
      line,
    ) ||
    /\b(?:has|have|had) (?:already |just )?been \w+ed\b|\b(?:was|were|got) (?:already |just |accidentally )?(?:\w+ed|shut)\b/.test(
      line,
    )
  );
}

/** "don't stop web-02", "never delete it": asks for nothing to be done. */
export function isNegated(line: string): boolean {
  return /\b(?:(?:do|does|did|should|must|can|will|would|shall|are|is|may|need|rather|please|better|definitely|absolutely|certainly) not\b|never|no need to|not to|no longer|avoid|refrain|nobody should|no one should|under no circumstances|dont|stop (?:trying|attempting) to)|^ *(?:,|and|but|so)* *not\b/.test(
    line,
  );
}
