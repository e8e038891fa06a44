import { createHash } from "node:crypto";

interface Line {
  readonly time: number;
  readonly text: string;
}

/** What happened, in order: in lines for people, and all of it in one hash. */
export interface Trace {
  note(time: number, who: string, what: string): void;
  /** The last lines up to `time` that are about one of these, or about nothing in particular. */
  before(time: number, subjects: readonly string[], count: number): readonly string[];
  hash(): string;
}

/** What names an event or a VMID is about a deletion. */
const anySubject = /\bpve[0-9a-f]{40}|^\S+ \S+ pve\.[\w-]+ \d+/;
const uneventful = /(sync\.|calendar\.changes|audit\.|outbox\.|deletions\.(listOpen|claimDue))/;

export function createTrace(): Trace {
  const lines: Line[] = [];
  return {
    note(time, who, what) {
      lines.push({ time, text: `${new Date(time).toISOString()} ${who} ${what}` });
    },
    before(time, subjects, count) {
      const isOf = ({ text }: Line) =>
        anySubject.test(text)
          ? subjects.some((subject) => text.includes(subject))
          : !uneventful.test(text);
      return lines
        .filter((line) => line.time <= time && isOf(line))
        .slice(-count)
        .map(({ text }) => text);
    },
    hash: () =>
      createHash("sha256")
        .update(lines.map(({ text }) => text).join("\n"))
        .digest("hex"),
  };
}
