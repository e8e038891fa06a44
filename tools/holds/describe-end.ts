import type { Temporal } from "temporal-polyfill";
import { describeInstant } from "#src/when/describe-instant.ts";
import type { Moment } from "#src/when/moment.ts";

/** When a hold ends, as the end of "on hold …". */
export function describeEnd(until: Temporal.Instant | undefined, moment: Moment): string {
  return until ? `until ${describeInstant(until, moment)}` : "until somebody releases it";
}
