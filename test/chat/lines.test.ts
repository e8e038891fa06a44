import { Readable } from "node:stream";
import { expect, it } from "vitest";
import { linesOf } from "#src/chat/lines.ts";

async function linesIn(chunks: Iterable<string | Buffer>): Promise<readonly string[]> {
  const lines: string[] = [];
  const input = Readable.from(chunks, { objectMode: false });
  for await (const line of linesOf(input, new AbortController().signal)) lines.push(line);
  return lines;
}

it("gives back the lines that say something, however they come in", async () => {
  const bytes = Buffer.from("list\r\n\n  stop wéb-01  \nlast");

  expect(await linesIn([bytes])).toEqual(["list", "stop wéb-01", "last"]);
  expect(await linesIn([...bytes].map((byte) => Buffer.from([byte])))).toEqual([
    "list",
    "stop wéb-01",
    "last",
  ]);
});

it("keeps no more of a line than a bound, and goes on with the next", async () => {
  const million = "x".repeat(1_000_000);

  const lines = await linesIn([million, million, `${million}\nlist\n`, million]);

  expect(lines.map((line) => line.length)).toEqual([262_144, 4, 262_144]);
  expect(lines[1]).toBe("list");
});
