import type { GuestLine } from "#src/agent/model.ts";
import { unique } from "./conversation.ts";
import { matching } from "./filters.ts";
import type { Lexicon } from "./lexicon.ts";
import { resolveMentions } from "./resolve.ts";
import { readMentions } from "./targets.ts";
import { verbForms } from "./verbs.ts";
import { greetings, kindWords, statusWords, thanks, unsupportedVerbs } from "./vocabulary.ts";
import { mask, masked, type Word } from "./words.ts";

/** "web-02: restart it", "as for web-02, …": guests named ahead of what is to be done. */
export function topicOf(
  words: readonly Word[],
  lexicon: Lexicon,
): readonly GuestLine[] | undefined {
  const named = words.filter(({ guests }) => guests.length > 0);
  const [only, ...others] = unique(named.flatMap(({ guests }) => guests));
  if (isBackground(words) && only && others.length === 0) return [only];
  if (isBackground(words) && named.length === 1) {
    const [mention] = readMentions(words, lexicon).included.filter((one) => one.named.length > 0);
    return (
      mention &&
      matching(named[0]?.guests ?? [], { ...mention, statuses: [], tags: [], owners: [] })
    );
  }
  const rest = words.filter(
    ({ text }) => !/^(?:as|for|regarding|about|concerning|re|the|:|on|ok|okay|so)$/.test(text),
  );
  const { included, excluded } = readMentions(rest, lexicon);
  if (
    included.length === 0 ||
    excluded.length > 0 ||
    included.some(({ named, unknown }) => named.length === 0 || unknown.length > 0)
  )
    return undefined;
  const resolved = resolveMentions(
    { included, excluded },
    lexicon,
    { current: [], other: [] },
    { verb: "take", destructive: false },
  );
  return resolved.kind === "guests" ? resolved.guests : undefined;
}

/** "we don't need it any more": the reason for a request, or the complaint behind it. */
export function isBackground(words: readonly Word[]): boolean {
  const line = masked(words);
  if (/^leave (?:§|it|them|that)(?= |$)/.test(line)) return true;
  const told =
    /^(?:i|we|it|its|their|they|that|there|this|§(?= [a-z])|the|my|our|nobody|no one|everyone|everybody|someone|because|since|users|people|something|looks|seems) /;
  return told.test(line) && !words.some(({ text, quoted }) => !quoted && changing.test(text));
}

/** Verbs that make a statement one about a change, which may mean to limit the request. */
const changing =
  /^(?:start|restart|reboot|stop(?!ped)|shut|shutdown|kill|delet|remov|destroy|wip|eras|nuk|trash|postpon|reschedul|cancel)(?:e|es|s|ed|ped|ting|ping|ing|ted)?$/;

const withdrawing =
  /\b(?:not?|never|nah|nope|none|nothing|nobody|neither|nor|kidding|joking|joke|jk|wait|hold|hang|forget|instead|rather|actually|but|only|just|except|unless|if|when|until|before|after|first|later|wrong|mistake|oops|sorry|ignore|disregard|skip|test|testing|example|hypothetical|hypothetically|cancel|undo|revert|stop|keep|leave|other|another|else|one|ones|same|too|also|both|all|every|any|them|those|these|they|it|that|he|she|his|her|mine|said|says)\b/;

/** A few words that name nothing here and take nothing back, such as a farewell or a formula. */
export function isHarmless(words: readonly Word[], lexicon: Lexicon): boolean {
  const plain = words.every(
    ({ text, quoted, guests }) =>
      !quoted &&
      guests.length === 0 &&
      /^[\p{L}',.!]+$/u.test(text) &&
      !lexicon.nodes.has(text) &&
      !lexicon.tag(text) &&
      !(text in kindWords) &&
      !(text in statusWords) &&
      !verbForms.has(text) &&
      !unsupportedVerbs.includes(text),
  );
  return plain && words.length <= 8 && !withdrawing.test(masked(words));
}

/** Thanks, greetings and the like beside a request. */
export function isSmallTalk(words: readonly Word[]): boolean {
  const line = words
    .map(mask)
    .join(" ")
    .replace(/[ ,.!?:;]+/g, " ")
    .trim();
  return (
    line === "" ||
    greetings.test(line) ||
    thanks.test(line) ||
    /^(?:when|why|how|who|where|please|ok|okay|thanks|hey|hi|hello|it is (?:urgent|important)|asap|no rush|when you can|(?:i|we) (?:do not|no longer) (?:need|use|want) (?:it|them|that|those|this)(?: any ?more| any longer)?|it is (?:not needed|no longer needed|not used)(?: any ?more)?|that is all|that would be great|(?:it|that|this|they|§)(?: is| are)? (?:seems?|being|acting|stuck|hanging|hung|slow|broken|unresponsive|frozen|misbehaving|not responding|down|too slow|acting up|eating .*|using .*)(?: .*)?|nobody (?:uses|needs) (?:it|them)(?: .*)?|much appreciated|have a (?:nice|good|great) (?:day|evening|one|weekend)|sorry|oops|good bye|bye)$/.test(
      line,
    )
  );
}
