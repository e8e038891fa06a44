import type { TableBlock } from "@slack/types";
import { plainText } from "#src/plain-text.ts";
import { escapeText } from "./escape.ts";
import { type GuestRow, guestColumns } from "./guest-list.ts";
import { messageLength, tableRows } from "./limits.ts";

/** A part of a list of guests that fits one message: as a table, and in words. */
export interface GuestTable {
  readonly block: TableBlock;
  readonly text: string;
}

/** The guests in tables of about equal length, each within the limits of a message. */
export function guestTables(rows: readonly GuestRow[]): readonly GuestTable[] {
  const escaped = rows.map((row) => row.map((cell) => escapeText(plainText(cell, longestCell))));
  const longest = Math.max(0, ...escaped.map((row) => lineOf(row).length));
  const most = Math.min(tableRows - 1, Math.floor((messageLength - headingLength) / (longest + 1)));
  const count = Math.ceil(rows.length / most);
  const size = Math.ceil(rows.length / count);
  return Array.from({ length: count }, (_, index) =>
    guestTable(escaped.slice(index * size, (index + 1) * size)),
  );
}

/** Longer than what `list_guests` makes of any name; a row of such cells still fits a message. */
const longestCell = 64;
const headingLength = 100;

function guestTable(rows: readonly GuestRow[]): GuestTable {
  return {
    block: {
      type: "table",
      column_settings: [{ align: "right" }],
      rows: [guestColumns, ...rows].map((row) =>
        row.map((cell) => ({ type: "raw_text" as const, text: cell || "-" })),
      ),
    },
    text: [guestColumns.join(" "), ...rows.map(lineOf)].join("\n"),
  };
}

function lineOf(row: GuestRow): string {
  return row.join(" ");
}
