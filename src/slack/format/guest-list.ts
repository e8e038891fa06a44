import type { ActionReport } from "#src/actions/action-report.ts";

/** The columns of `list_guests`, in its order. */
export const guestColumns = ["vmid", "kind", "name", "node", "status", "tags", "owner"] as const;

/** A guest as a person sees it in a list, one text for each column. */
export type GuestRow = readonly string[];

/** What the calls of a run listed. */
export interface GuestList {
  /** Each guest once. */
  readonly rows: readonly GuestRow[];
  /** What the lists say besides their guests, such as that there are more. */
  readonly remarks: readonly string[];
}

/** The guests in what `list_guests` said. */
export function guestsListed(reports: readonly ActionReport[]): GuestList {
  const lines = reports.flatMap(linesOf);
  const rows = new Map<string, GuestRow>();
  for (const line of lines) {
    const row = asRow(line);
    if (row) rows.set(row[0] ?? "", row);
  }
  const remarks = lines.filter((line) => !asRow(line) && !isHeading(line));
  return { rows: [...rows.values()], remarks: [...new Set(remarks)] };
}

/**
 * A reply without its lines that only repeat the list, and whether there were any.
 *
 * A model without words of its own, such as the offline planner, answers with the list itself.
 */
export function withoutList(reply: string, { rows }: GuestList) {
  const listed = new Set(rows.map((row) => row.join(" ")));
  const lines = reply.split("\n");
  const isListed = (line: string) => listed.has(line.trim().replace(/\s+/g, " "));
  if (!lines.some(isListed)) return { text: reply, repeated: false };

  const kept = lines.filter((line) => !isListed(line) && !isColumns(line));
  const text = kept.map((line) => line.replace(headingTail, ":")).join("\n");
  return { text, repeated: true };
}

/** The rest of a heading such as `3 of 9 guests: vmid kind name node status tags owner`. */
const headingTail = new RegExp(`(?<=^\\d+ of \\d+ guests): ${guestColumns.join(" ")}$`);

function linesOf({ call, outcome }: ActionReport): readonly string[] {
  if (call.tool !== "list_guests" || outcome.kind !== "done") return [];
  return typeof outcome.output === "string" ? outcome.output.split("\n").filter(Boolean) : [];
}

function asRow(line: string): GuestRow | undefined {
  const cells = line.trim().split(/\s+/);
  const isRow = /^\d+ (?:ct|vm) /.test(line) && cells.length === guestColumns.length;
  return isRow ? cells : undefined;
}

function isHeading(line: string): boolean {
  return /^\d+ of \d+ guests[:.]/.test(line);
}

function isColumns(line: string): boolean {
  return line.trim().replace(/\s+/g, " ") === guestColumns.join(" ");
}
