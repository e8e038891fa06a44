import type { Lexicon } from "./lexicon.ts";
import type { Mention } from "./mention.ts";
import { bullets, question } from "./questions.ts";
import type { Referents } from "./referents.ts";
import { certain, type Resolved } from "./resolved.ts";

/** "it", "them", "the other one": guests that were spoken of before. */
export function guestsSpokenOf(
  { pronoun, kinds }: Mention,
  { current, other }: Referents,
  lexicon: Lexicon,
): Resolved {
  const meant =
    pronoun === "other"
      ? other.filter(({ kind }) => kinds.length === 0 || kinds.includes(kind))
      : current;
  if (meant.length === 0) return question("Which guest do you mean?");
  if (pronoun !== "several" && meant.length > 1)
    return question(`Which one do you mean?\n${bullets(meant)}`);
  return certain(meant, lexicon);
}

/** "the two": as many as were spoken of before. */
export function countedGuests(
  { count, kinds }: Mention,
  { current }: Referents,
  lexicon: Lexicon,
): Resolved {
  const meant = current.filter(({ kind }) => kinds.length === 0 || kinds.includes(kind));
  return meant.length === count
    ? certain(meant, lexicon)
    : question(`Which ${count} guests do you mean?`);
}
