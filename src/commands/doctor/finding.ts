import type { Config } from "#src/config.ts";

/** How bad it is; only a failure makes the doctor fail. A note tells of what somebody may want. */
export type Level = "ok" | "note" | "warning" | "failure";

/** What a check found. */
export interface Finding {
  /** What was looked at: `model`, `privileges`. */
  readonly about: string;
  readonly level: Level;
  /** One sentence or two: what is so, and what follows from it. */
  readonly message: string;
  /** The particulars, a line each. */
  readonly details?: readonly string[] | undefined;
  /** What to type or to set, line by line; lines that begin with # say where. */
  readonly fix?: readonly string[] | undefined;
}

/** Looks at one part of a valid configuration and at what it leads to, and mends nothing. */
export type Check = (config: Config, signal: AbortSignal) => Promise<readonly Finding[]>;
