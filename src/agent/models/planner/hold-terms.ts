import { readShift } from "#src/when/shift.ts";
import { findTime } from "./times.ts";
import type { Word } from "./words.ts";

/** Why a guest is to stay and how long, in the person's own words; each empty where nothing is said. */
export interface HoldTerms {
  readonly reason: string;
  readonly until: string;
}

const open = /^(?:further notice|(?:it is |i )?released?(?: it)?)$/i;
const openEnded = /^for (?:now|good|ever|the time being|an? (?:indefinite|unlimited) time)$/i;

/**
 * "until january 10 because bob is away" in either order, "for two weeks because of vacation".
 * Undefined where it is not certain what the words before "because" say of the end.
 */
export function readHoldTerms(words: readonly Word[], source: string): HoldTerms | undefined {
  const length = lengthAhead(words, source);
  if (length) {
    const { reason, until } = inOrder(words.slice(length.count), source, true);
    return until === "" ? { reason, until: length.until } : undefined;
  }
  const at = words.findIndex((word) => isReasonWord(word, false));
  const until = words.findIndex(({ text, quoted }) => !quoted && /^(?:until|till)$/.test(text));
  const ahead = textOf(words.slice(0, Math.max(at, 0)), source);
  if (at > 0 && (until < 0 || until > at))
    return openEnded.test(ahead) ? inOrder(words.slice(at), source, false) : undefined;
  return inOrder(words, source, false);
}

/** "for two weeks", "2 weeks": how long, with which the words begin. */
function lengthAhead(words: readonly Word[], source: string) {
  for (let count = Math.min(words.length, 8); count > 1; count--) {
    const said = words.slice(0, count).filter(({ text }) => !/^(?:the|next)$/.test(text));
    const { when, rest } = findTime(said, source);
    if (when === undefined || rest.length > 0) continue;
    const length = when.replace(/^(?:for )?(?:the )?(?:next )?(?:by )?/i, "");
    if (readShift(`by ${length}`)) return { count, until: `in ${length}` };
  }
  return undefined;
}

function inOrder(words: readonly Word[], source: string, afterLength: boolean): HoldTerms {
  const until: Word[] = [];
  const reason: Word[] = [];
  let current = reason;
  for (const word of words) {
    const afterTime = current === until || (afterLength && reason.length === 0);
    if (!word.quoted && /^(?:until|till)$/.test(word.text)) current = until;
    else if (!word.quoted && isReasonWord(word, afterTime)) current = reason;
    else current.push(word);
  }
  const end = textOf(until, source);
  return {
    until: open.test(end) ? "" : end,
    reason: textOf(reason, source).replace(/^(?:to|of) /i, ""),
  };
}

/** A word that leads to a reason; "for" and "as" only after a time, since reasons have them too. */
function isReasonWord({ text, quoted }: Word, afterTime: boolean): boolean {
  if (quoted) return false;
  return /^(?:because|since|due)$/.test(text) || (afterTime && /^(?:for|as|so)$/.test(text));
}

function textOf(words: readonly Word[], source: string): string {
  const [first, last] = [words[0], words.at(-1)];
  return first && last ? source.slice(first.start, last.end) : "";
}
