/** What a terminal so wide, and endlessly high, shows after this was written to it, line by line. */
export function screenText(written: string, columns: number): readonly string[] {
  const lines: string[][] = [[]];
  let row = 0;
  let column = 0;

  function control(count: string, letter: string) {
    if (letter === "A") row = Math.max(0, row - Number(count || 1));
    if (letter === "C") column += Number(count || 1);
    if (letter === "D") column = Math.max(0, column - Number(count || 1));
    if (letter === "G") column = Number(count || 1) - 1;
    if (letter === "K") lines[row] = count === "2" ? [] : (lines[row] ?? []).slice(0, column);
    if (letter === "J") {
      lines[row] = (lines[row] ?? []).slice(0, column);
      lines.length = row + 1;
    }
  }

  function type(character: string) {
    if (character >= " " && column === columns) type("\n");
    if (character === "\r") column = 0;
    else if (character === "\n") {
      row += 1;
      column = 0;
      lines[row] ??= [];
    } else {
      const line = lines[row] ?? [];
      line[column] = character;
      column += 1;
    }
  }

  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a terminal obeys
  for (const [, count, letter, other] of written.matchAll(/\x1b\[(\d*)([A-Z])|(.)/gs)) {
    if (letter !== undefined) control(count ?? "", letter);
    else if (other !== undefined) type(other);
  }
  return lines.map((line) => line.join("").trimEnd());
}
