import { createPhrase, normalise } from "./phrase.ts";
import { type Span, takeSpan } from "./span.ts";

/** How far something that is planned is to be moved, and which way. */
export interface Shift {
  readonly span: Span;
  readonly earlier: boolean;
}

/** Reads "by two days", "a week later" or "by 3 hours earlier"; undefined for any other words. */
export function readShift(words: string): Shift | undefined {
  const match = /^(?:by (.+?)(?: (later|earlier))?|(.+?) (later|earlier))$/.exec(normalise(words));
  const [, by, way, amount = by, side = way] = match ?? [];
  const phrase = createPhrase(amount ?? "");
  const span = takeSpan(phrase);
  if (!span || span.from || phrase.rest()) return undefined;
  return { span: span.length, earlier: side === "earlier" };
}
