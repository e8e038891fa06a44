/**
 * How the reason begins of a deletion that is held only because too many were due at once; such
 * ones can be released together.
 */
export const tooManyReason = "too many deletions are due at once";

/** How the reason begins of a deletion that a person may let go without a backup. */
export const noBackupReason = "there is no backup of it";
