/** The middle one, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value below which the share `q` of the values lies. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const position = (sorted.length - 1) * q;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position % 1);
}

/** Enough digits to compare by, and no more: for tables and for JSON alike. */
export function rounded(value: number): number {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return Number(value.toFixed(digits));
}

/** Writes a table for people: a heading, then a row of cells for each row's columns. */
export function printTable(
  heading: string,
  rows: readonly Readonly<Record<string, string | number>>[],
): void {
  const columns = Object.keys(rows[0] ?? {});
  const cells = [columns, ...rows.map((row) => columns.map((column) => String(row[column] ?? "")))];
  const widths = columns.map((_, index) =>
    Math.max(...cells.map((row) => row[index]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    row.map((cell, index) => align(cell, widths[index] ?? 0, index === 0)).join("  ");
  print(`\n${heading}\n${cells.map(line).join("\n")}`);
}

function align(cell: string, width: number, left: boolean): string {
  return left ? cell.padEnd(width) : cell.padStart(width);
}

/** Writes a line for people. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Writes the figures as the last line, for programs. */
export function printFigures(figures: Readonly<Record<string, unknown>>): void {
  print(`\n${JSON.stringify(figures)}`);
}
