import type { RawInput } from "./parameters.ts";

/** A request as the simulator saw it, and what it answered. */
export interface JournalEntry {
  readonly method: string;
  /** Below `/api2/json`, still encoded, without the query. */
  readonly path: string;
  readonly input: RawInput;
  /** The token that called: `assistant@pve!bot`. */
  readonly caller?: string | undefined;
  /** Absent while no answer was given: the connection was dropped, or the call hangs. */
  readonly status?: number | undefined;
}

/** The last requests, oldest first. */
export interface Journal {
  /** Notes a request; what it returns notes the answer. */
  begin(method: string, path: string): (seen: Partial<JournalEntry>) => void;
  entries(): readonly JournalEntry[];
  clear(): void;
}

const kept = 10_000;

/** An empty journal. */
export function createJournal(): Journal {
  let entries: JournalEntry[] = [];
  return {
    begin(method, path) {
      const entry: JournalEntry = { method, path, input: {} };
      entries.push(entry);
      if (entries.length > kept) entries = entries.slice(-kept / 2);
      return (seen) => void Object.assign(entry, seen);
    },
    entries: () => entries.map((entry) => ({ ...entry })),
    clear() {
      entries = [];
    },
  };
}
