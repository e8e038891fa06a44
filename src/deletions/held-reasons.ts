/**
 * How the reason begins of a deletion that is held only because too many were due at once; such
 * ones can be released together.
 */
export const tooManyReason = "too many deletions are due at once";
