import type { Temporal } from "temporal-polyfill";

/** When and where something is said. */
export interface Moment {
  readonly now: Temporal.Instant;
  /** IANA zone in which the words are read, unless they name another one. */
  readonly timeZone: string;
  /** What is planned so far, from which "two days later" and "by a week" count. */
  readonly planned?: Temporal.Instant;
}
