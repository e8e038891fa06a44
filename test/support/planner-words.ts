import type { GuestLine } from "#src/agent/model.ts";
import { createLexicon } from "#src/agent/models/planner/lexicon.ts";
import { normalise, type Word, wordsOf } from "#src/agent/models/planner/words.ts";
import { demoContext } from "#test/agent/golden/demo-cluster.ts";

/** What alice's words mean on the demo cluster. */
export const lexicon = createLexicon(demoContext());

/** The words of a text, those that name a guest of the lexicon marked. */
export function read(text: string, known = lexicon): readonly Word[] {
  return known.mark(wordsOf(normalise(text)));
}

/** The words as they were written, for a table of expectations. */
export function said(words: readonly Word[]): string {
  return words.map(({ raw }) => raw).join(" ");
}

/** The names of guests, or their VMIDs. */
export function namesOf(guests: readonly GuestLine[]): string {
  return guests.map(({ name, vmid }) => name ?? `${vmid}`).join(" ");
}
