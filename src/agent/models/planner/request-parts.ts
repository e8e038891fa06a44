import { verbForms } from "./verbs.ts";
import { kindWords, unsupportedVerbs } from "./vocabulary.ts";
import type { Word } from "./words.ts";

const joint = /^(?:[,;:.&!?\n]|and|then|but|plus|also|so|afterwards|next|or)$/;
const more = /^(?:hold|release|unhold|lift|extend|renew)$/;
const object = /^(?:it|its|them|this|that|these|those|both|all|every|each|everything|everyone)$/;
const asking = /^(?:who|what|when|where|which|is|are|list|show)$/;

/** The parts of a message, one for each verb with an object of its own after "and", "then" or a stop. */
export function requestParts(words: readonly Word[]): readonly (readonly Word[])[] {
  const parts: Word[][] = [[]];
  for (const [index, word] of words.entries()) {
    if (index > 0 && begins(words, index)) parts.push([]);
    parts.at(-1)?.push(word);
  }
  return parts;
}

/** Whether a reason speaks of a deed to a guest, so that it may be one more request. */
export function asksForDeed(reason: readonly Word[]): boolean {
  return reason.some(
    (word, index) =>
      isVerb(word) &&
      reason.slice(index + 1).some(({ guests, quoted }) => guests.length > 0 || quoted),
  );
}

function begins(words: readonly Word[], index: number): boolean {
  const [before, word] = [words[index - 1], words[index]];
  if (!before || !word || before.quoted || !joint.test(before.text)) return false;
  if (/^[;.!?\n]$/.test(before.text) && !word.quoted && asking.test(word.text)) return true;
  return isVerb(word) && words.slice(index + 1).some(isObject);
}

function isVerb({ text, quoted, guests }: Word): boolean {
  if (quoted || guests.length > 0) return false;
  return more.test(text) || verbForms.get(text)?.form === "base" || unsupportedVerbs.includes(text);
}

function isObject({ text, quoted, guests }: Word): boolean {
  return quoted || guests.length > 0 || text in kindWords || object.test(text);
}
