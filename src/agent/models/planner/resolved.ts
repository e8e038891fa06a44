import type { GuestLine } from "#src/agent/model.ts";
import { isLanguage } from "./language.ts";
import type { Lexicon } from "./lexicon.ts";
import type { Mention } from "./mention.ts";
import type { Question } from "./questions.ts";

/** Which guests a request means, or the question that has to be asked first. */
export type Resolved =
  | {
      readonly kind: "guests";
      readonly references: readonly string[];
      readonly guests: readonly GuestLine[];
    }
  /** The inventory is not at hand, so these guests have to be listed first. */
  | { readonly kind: "list"; readonly filter: Mention }
  | Question
  | { readonly kind: "nothing" };

/** Certain of these guests, each called by what names it and nothing else. */
export function certain(guests: readonly GuestLine[], lexicon: Lexicon): Resolved {
  return { kind: "guests", guests, references: guests.map((guest) => referenceTo(guest, lexicon)) };
}

/** The guest's name where that names it and nothing else, otherwise its VMID. */
export function referenceTo({ vmid, name }: GuestLine, lexicon: Lexicon): string {
  const plain =
    name !== undefined &&
    /^[\w.-]+$/.test(name) &&
    !/^\d+$/.test(name) &&
    !isLanguage(name.toLowerCase());
  return plain && lexicon.find(name).length === 1 ? name : `${vmid}`;
}
