import type { Temporal } from "temporal-polyfill";
import { RefusedError, type ToolContext } from "#src/actions/tool.ts";
import { describeInstant } from "#src/when/describe-instant.ts";
import { defaultDeletionTime, resolveWhen } from "#src/when/when.ts";

/** When a deletion is to happen, as a plan states it. */
export interface PlannedTime {
  readonly at: Temporal.Instant;
  readonly asSoonAsConfirmed: boolean;
  /** For a sentence: `on Fri 27 Nov 2026, 18:00 CET (Europe/Berlin), in 6 days`. */
  readonly phrase: string;
}

/**
 * Reads `words` as the person who said them meant them, there and then; null is the default time.
 * "Two days later" counts from what is `planned`.
 *
 * @throws RefusedError with the question to ask when they could mean more than one time, or none.
 */
export function planTime(
  words: string | null,
  target: RefusedError["target"],
  { principal, askedAt }: ToolContext,
  planned?: Temporal.Instant,
): PlannedTime {
  const moment = { now: askedAt, timeZone: principal.timeZone, ...(planned && { planned }) };
  const when =
    words === null
      ? ({ kind: "at", at: defaultDeletionTime(moment) } as const)
      : resolveWhen(words, moment);

  if (when.kind === "question") throw new RefusedError(when.question, target);
  if (when.kind === "now") {
    return { at: askedAt, asSoonAsConfirmed: true, phrase: "as soon as this is confirmed" };
  }
  // Calendars keep whole seconds: what is approved must not differ from what is stored.
  const at = when.at.toInstant().round({ smallestUnit: "second", roundingMode: "floor" });
  return { at, asSoonAsConfirmed: false, phrase: `on ${describeInstant(at, moment)}` };
}

/** The time's part of a target. */
export function timeTarget({ at, asSoonAsConfirmed }: PlannedTime) {
  return { at: at.toString(), ...(asSoonAsConfirmed && { asSoonAsConfirmed }) };
}
