import { isLanguage } from "./language.ts";
import type { Lexicon } from "./lexicon.ts";
import { describe, question } from "./questions.ts";
import type { Request } from "./requests.ts";
import type { Resolved } from "./resolved.ts";
import type { FoundTime } from "./times.ts";
import { masked, type Word } from "./words.ts";

const restoring = /^ *(?:(?:do not|never) )?(?:restore|recover|resurrect|revive)\b/;
/** What means something else of a guest that is there. */
const undoing =
  /^ *(?:undelete\b|(?:bring|get) .*\bback\b(?! (?:up|online|on)\b)|(?:undo|reverse|revert|take back)\b.*\b(?:deletion|removal)\b)/;
const verbs =
  /^(?:restore|recover|resurrect|revive|undelete|bring|get|back|undo|reverse|revert|take)$/;
const beside =
  /^(?:deletions?|removal|backups?|back-up|former|previous|old|latest|newest|last|week|month|under|its|life|dead|was|were|had|been|from)$/;
const saysDeleted = /\b(?:deleted|removed|destroyed|former|previous|old)\b/;

/** "restore test-runner", "undo the deletion of 103": a guest that is gone is to come back. */
export function asRestore(
  words: readonly Word[],
  time: FoundTime,
  lexicon: Lexicon,
): Request | undefined {
  const line = masked(time.rest);
  const isThere = words.some(({ guests }) => guests.length > 0);
  const undoes = undoing.test(line) && !isThere && lexicon.guests !== undefined;
  if (!restoring.test(line) && !(undoes && namesIn(time.rest).length > 0)) return undefined;
  const [, span] = /\b(last (?:week|month))\b/.exec(masked(words)) ?? [];
  const isLast = time.when !== undefined && /\blast\b/.test(line);
  const day = time.when?.replace(/^from /i, "");
  const when = time.isNow ? undefined : (span ?? (isLast ? `last ${day}` : day));
  return { act: "restore_guest", time: { ...time, when }, targets: time.rest };
}

/** The deleted guests that are named; no inventory knows them, so they are passed on as they are. */
export function deletedGuests(words: readonly Word[]): Resolved {
  const there = words.flatMap(({ guests }) => guests);
  const [first] = there;
  if (first && !saysDeleted.test(masked(words))) {
    return question(
      `${describe(first)} is there, so there is nothing to restore. Which deleted guest is meant?`,
    );
  }
  const references = partsOf(words).map(namesIn);
  if (references.length === 0 || references.some((names) => names.length !== 1)) {
    return question("Which deleted guest should I restore? Please say its name or VMID.");
  }
  return { kind: "guests", references: references.flat(), guests: [] };
}

/** The words that can only be a name or a VMID, as they were written. */
function namesIn(words: readonly Word[]): readonly string[] {
  return words
    .filter(({ raw, quoted, guests }) => quoted || guests.length > 0 || isName(raw.toLowerCase()))
    .map(({ raw }) => raw.replace(/^#/, ""));
}

function isName(text: string): boolean {
  return /^[\p{L}\d#]/u.test(text) && !isLanguage(text) && !verbs.test(text) && !beside.test(text);
}

/** "a, b and c". */
function partsOf(words: readonly Word[]): readonly (readonly Word[])[] {
  const parts: Word[][] = [[]];
  for (const word of words) {
    if (!word.quoted && /^(?:,|and|&)$/.test(word.text)) parts.push([]);
    else parts.at(-1)?.push(word);
  }
  return parts.filter((part) => namesIn(part).length > 0);
}
