import type { Deletion } from "./deletion.ts";

/** How the reason begins of a deletion that is held because too many were due at once. */
export const tooManyReason = "too many deletions are due at once";

/** How the reason begins of a deletion that a person may let go without a backup. */
export const noBackupReason = "there is no backup of it";

/** Whether nothing but their number held it up: then it can be released together with others. */
export function isHeldForTooMany({ state, reason }: Pick<Deletion, "state" | "reason">): boolean {
  return state === "held" && reason?.startsWith(tooManyReason) === true;
}
