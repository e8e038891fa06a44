import { findTime } from "./times.ts";
import { verbForms } from "./verbs.ts";
import { statusWords, unsupportedVerbs } from "./vocabulary.ts";
import type { Word } from "./words.ts";

const readVerbs =
  /^(?:list|show|display|tell|print|what|which|who|where|when|why|how|is|are|check|find|count|describe|see)$/;
const connectors =
  /^(?:,|;|\n|and|then|but|also|&|plus|afterwards|finally|next|please|after|that|followed|by|so|just|now|or|:)$/;

/** The parts of a message that each ask for one thing: at full stops, and at conjunctions and line ends before a verb. */
export function clausesOf(words: readonly Word[]): readonly (readonly Word[])[] {
  const clauses: Word[][] = [[]];
  for (let index = 0; index < words.length; index++) {
    const word = words[index];
    if (!word) continue;
    if (!word.quoted && /^[.!?]$/.test(word.text)) {
      clauses.at(-1)?.push(word);
      clauses.push([]);
    } else if (isJoint(words, index)) clauses.push([]);
    else if (word.quoted || word.text !== "\n") clauses.at(-1)?.push(word);
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
    !/^(?:[,;:&\n]|and|then|but|plus|also|afterwards|followed|so)$/.test(word.text)
  )
    return false;
  if (word.text === "\n" && isSentence(words.slice(index + 1))) return true;
  const next = words.slice(index + 1).findIndex(({ text }) => !connectors.test(text));
  const following = words[index + 1 + next];
  if (next < 0 || !following || !beginsClause(following, words[index + 2 + next])) return false;
  const before = words[index - 1]?.text ?? "";
  const offAndOn =
    /^(?:stop|down|off|shutdown)$/.test(before) && /^(?:start|on)$/.test(following.text);
  return !offAndOn;
}

/** Whether the line there does more than to go on with a list or a time: it says a deed or a state, or asks. */
function isSentence(words: readonly Word[]): boolean {
  const end = words.findIndex(({ text, quoted }) => !quoted && text === "\n");
  return words
    .slice(0, end < 0 ? words.length : end)
    .some(
      ({ text, quoted, guests }) =>
        !quoted &&
        guests.length === 0 &&
        (verbForms.has(text) || text === "?" || (text in statusWords && text !== "on")),
    );
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

/** A clause that is nothing but a time belongs to the next one: "tomorrow at 9, delete …". */
export function joinLeadingTimes(
  clauses: readonly (readonly Word[])[],
  source: string,
): readonly (readonly Word[])[] {
  const joined: (readonly Word[])[] = [];
  let pending: readonly Word[] = [];
  for (const clause of clauses) {
    const { when, rest } = findTime(clause, source);
    if (when && rest.every(({ text }) => /^[,:.]$/.test(text)) && joined.length === 0)
      pending = [...pending, ...clause];
    else {
      joined.push([...pending, ...clause]);
      pending = [];
    }
  }
  return pending.length > 0 ? [...joined, pending] : joined;
}
