import { readShift } from "#src/when/shift.ts";
import { masked, type Word } from "./words.ts";

const moving =
  /\b(?:postpon|delay|defer|push|put|set|extend|mov|shift|bring|pull|give)(?:e|ed|ing)?\b/;
const earlier = /\b(?:forward|earlier|ahead|sooner|bring|pull)\b/;

/**
 * "postpone it two days", "push it back a week": a bare length after a verb of moving counts from
 * what is planned, and is handed on in words that say so. Other words stay as they are.
 */
export function asShift(when: string, words: readonly Word[]): string {
  const line = masked(words);
  const length = when.replace(/^(?:by|for) /i, "");
  if (!moving.test(line) || !readShift(`by ${length}`)) return when;
  return earlier.test(line) ? `${length.replace(/ earlier$/, "")} earlier` : `by ${length}`;
}
