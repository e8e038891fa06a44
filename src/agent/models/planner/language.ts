import { verbForms } from "./verbs.ts";
import {
  deletionNouns,
  exceptWords,
  fillers,
  kindWords,
  numberWords,
  statusWords,
} from "./vocabulary.ts";

/** Words that are spoken of time, guests and people, and belong to no other table. */
const otherWords = new Set(
  `what which who when where why how is are was were did does do show list help status cluster node
  nodes everything cpu memory about kill today tomorrow tonight morning evening noon friday monday
  tuesday wednesday thursday saturday sunday week month day date plan state stage there three
  these those here their other both last it its itself mine not never if unless yes no confirm
  cancel same second tag january february march april may june july august september october
  november december stare great smart tool cloud store shot`.split(/\s+/),
);

/** Whether the word belongs to the language, so that a guest of that name has to be addressed clearly. */
export function isLanguage(word: string): boolean {
  return (
    verbForms.has(word) ||
    isFunctionWord(word) ||
    exceptWords.has(word) ||
    deletionNouns.has(word) ||
    word in kindWords ||
    word in statusWords ||
    word in numberWords
  );
}

/** A word without a meaning of its own here, or one about time, guests and people. */
export function isFunctionWord(word: string): boolean {
  return fillers.has(word) || otherWords.has(word);
}
