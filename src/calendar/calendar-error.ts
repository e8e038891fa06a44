import { PublicError } from "#src/errors.ts";

/** What went wrong with a calendar; callers branch on it, people read the message. */
export type CalendarErrorKind =
  /** There is another version of the event by now. */
  | "changed"
  /** The event was removed. */
  | "gone"
  | "token-expired"
  /** Too many requests; later they are welcome again. */
  | "busy"
  /** The calendar takes no changes for hours, because of a quota. */
  | "read-only"
  /** No such calendar, no right to it, or credentials that are wrong: a person has to mend it. */
  | "misconfigured"
  /** No answer, or one that cannot be read; whether a change arrived is not known. */
  | "unreachable";

/** A failed call to a calendar. The message is one sentence for a person and holds no credential. */
export class CalendarError extends PublicError {
  override readonly name = "CalendarError";
  readonly kind: CalendarErrorKind;

  constructor(kind: CalendarErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
