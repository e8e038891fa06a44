import { mask, masked, type Word } from "./words.ts";

/** Whether a guest is to be backed up before it is deleted. */
export type BackupChoice = "first" | "none";

const backup = "(?:backups?|back-up|backing (?:it|them|§) up)";
const choices: readonly (readonly [pattern: RegExp, choice: BackupChoice])[] = [
  [
    new RegExp(
      `,? ?\\b(?:without|with no|and no|no) (?:a |an |any |making a |making any )?${backup}(?: first| before| of it)?(?= |$)`,
    ),
    "none",
  ],
  [new RegExp(`,? ?\\bwith (?:a |an )?${backup}(?: first| before| of it)?(?= |$)`), "first"],
];

/** Takes "without a backup" out of a clause; the choice is undefined where nothing is said of it. */
export function takeBackupChoice(words: readonly Word[]): {
  readonly words: readonly Word[];
  readonly choice: BackupChoice | undefined;
} {
  const line = masked(words);
  for (const [pattern, choice] of choices) {
    const match = pattern.exec(line);
    if (match) return { choice, words: outside(words, match.index, match.index + match[0].length) };
  }
  return { words, choice: undefined };
}

/** The words of the masked line that do not lie between the two places. */
function outside(words: readonly Word[], from: number, to: number): readonly Word[] {
  let at = 0;
  return words.filter((word) => {
    const start = at;
    at += mask(word).length + 1;
    return start < from || start >= to;
  });
}
