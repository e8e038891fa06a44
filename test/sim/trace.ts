import { createHash } from "node:crypto";

/** What happened, in order: the last lines for people, all of them in one hash. */
export interface Trace {
  note(time: number, who: string, what: string): void;
  readonly lines: readonly string[];
  hash(): string;
}

export function createTrace(keep = 400): Trace {
  const lines: string[] = [];
  const hash = createHash("sha256");
  return {
    note(time, who, what) {
      const line = `${new Date(time).toISOString()} ${who} ${what}`;
      hash.update(line);
      lines.push(line);
      if (lines.length > 2 * keep) lines.splice(0, keep);
    },
    get lines() {
      return lines.slice(-keep);
    },
    hash: () => hash.copy().digest("hex"),
  };
}
