import { verbForms } from "./verbs.ts";
import { unsupportedVerbs } from "./vocabulary.ts";
import { mask, type Word } from "./words.ts";

const readVerbs =
  /^(?:list|show|display|tell|print|what|which|who|where|when|why|how|is|are|check|find|count|describe|see)$/;
const connectors =
  /^(?:,|;|and|then|but|also|&|plus|afterwards|finally|next|please|after|that|followed|by|so|just|now|or|:)$/;

/** The parts of a message that each ask for one thing: at full stops, and at conjunctions before a verb. */
export function clausesOf(words: readonly Word[]): readonly (readonly Word[])[] {
  const clauses: Word[][] = [[]];
  for (let index = 0; index < words.length; index++) {
    const word = words[index];
    if (!word) continue;
    if (!word.quoted && /^[.!?\n]$/.test(word.text)) {
      clauses.at(-1)?.push(word);
      clauses.push([]);
    } else if (isJoint(words, index)) clauses.push([]);
    else clauses.at(-1)?.push(word);
  }
  return clauses
    .map(trimmed)
    .filter((clause) => clause.some(({ text }) => /[\p{L}\p{N}]/u.test(text)));
}

function isJoint(words: readonly Word[], index: number): boolean {
  const word = words[index];
  if (
    !word ||
    word.quoted ||
    !/^(?:[,;:&]|and|then|but|plus|also|afterwards|followed|so)$/.test(word.text)
  )
    return false;
  const next = words.slice(index + 1).findIndex(({ text }) => !connectors.test(text));
  const following = words[index + 1 + next];
  if (next < 0 || !following || !beginsClause(following, words[index + 2 + next])) return false;
  const before = words[index - 1]?.text ?? "";
  const offAndOn =
    /^(?:stop|down|off|shutdown)$/.test(before) && /^(?:start|on)$/.test(following.text);
  return !offAndOn;
}

function beginsClause(word: Word, next: Word | undefined): boolean {
  if (word.quoted || word.guests.length > 0) return false;
  if (word.text === "do" || word.text === "never") return true;
  if (/^(?:i|we|he|she|they|it|its|their|nobody|everyone|you|if|unless|not)$/.test(word.text))
    return word.text === "it"
      ? /^(?:is|has|seems|looks|keeps|was|feels|does|will|can|got|had)$/.test(next?.text ?? "")
      : word.text !== "not";
  const isVerb = verbForms.get(word.text)?.form === "base" || readVerbs.test(word.text);
  if (word.text === "back") return next?.text === "up";
  return isVerb || unsupportedVerbs.includes(word.text);
}

function trimmed(clause: readonly Word[]): readonly Word[] {
  const first = clause.findIndex(
    ({ text, quoted }) =>
      quoted || !/^(?:,|;|and|then|but|&|plus|so|also|afterwards|:|\.)$/.test(text),
  );
  return first < 0 ? [] : clause.slice(first);
}

const questionWords =
  /^(?:(?:tell|show|give|let) (?:me|us) (?:know )?)?(?:(?:on|in|at|for|from|to|by|since) (?=what|which|who|when))?(?:is|are|was|were|did|does|has|have (?!§)|what|which|who|whom|whose|when|since when|where|why|how|any|anything|do (?:we|i|you|they|any)|will(?! (?:you|u)\b)|(?:can|could|may) (?:i|we) (?:please )?(?:see|know|look)|am)\b/;
const askingVerbs =
  /^(?:please )?(?:list|show|display|enumerate|print|tell|check|describe|find|count|look|see|view|inspect|report|search|compare|examine|fetch|query|summari[sz]e|info|information|details?|status|state|overview|ls|lookup|get (?:me )?(?:the |a |all |some |an |info|details|status|list)|give (?:me|us) (?:the |a |an |all |some |info|details|status|list|every)|(?:i|we) (?:see|know|wonder)|know|see|who)\b/;

const factQuestion =
  /^(?:can|could|may) (?:i|we) (?:please )?(?:get|have) (?:a |an |the |some )?(?:\w+ )?(?:list|ips?|address|status|state|info|information|details|overview|summary|uptime|owner|notes|tags)\b/;

/** "deletion schedule": what is planned, by its name. */
const deletionList =
  /^(?:the )?(?:deletion|removal)s? (?:schedule|list|queue|plan|calendar|agenda)s?[ ?.!]*$/;

/** "may I get a list": asks for what is known, in the words of asking for leave. */
export function asksForFacts(clause: readonly Word[]): boolean {
  return factQuestion.test(clause.map(mask).join(" "));
}

/** Asks to be told something, so that no verb in it is a command. */
export function asksToKnow(clause: readonly Word[]): boolean {
  const line = clause.map(mask).join(" ");
  const noun =
    /^(?:give (?:me|us|§)? ?)?(?:§ )?(?:a|the|another|an?other)? ?(?:quick |hard |clean |fresh )?(?:restart|reboot|shutdown|bounce|kick)\b/;
  if (deletionList.test(line) || factQuestion.test(line)) return true;
  return questionWords.test(line) || (askingVerbs.test(line) && !noun.test(line));
}
