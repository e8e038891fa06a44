import { randomBytes } from "node:crypto";

/**
 * A failure whose message a person and the model may read: one sentence that says what to do, and
 * no secret. Every other error reaches them as an error id only; the log has the rest.
 */
export class PublicError extends Error {
  override readonly name: string = "PublicError";
}

/** A short id that a person can quote and that finds the entry in the log. */
export function newErrorId(): string {
  return `E-${randomBytes(4).toString("hex")}`;
}

/** The sentence for an error that must not be shown as it is. */
export function unexpectedErrorMessage(errorId: string): string {
  return `Something went wrong on my side (error id ${errorId}); the log has the details.`;
}
