import { describe, expect, it } from "vitest";
import { genesis, hashEntry, type Link, verifyChain } from "#src/audit/audit-chain.ts";
import { readExport, toExportLine } from "#src/audit/audit-export.ts";

/** Entries that follow one another, with these texts. */
function chainOf(...texts: readonly string[]): readonly Link[] {
  let previousHash = genesis;
  return texts.map((entry, index) => {
    const hash = hashEntry(previousHash, 1000 + index, entry);
    const link = { seq: index + 1, at: 1000 + index, entry, previousHash, hash };
    previousHash = hash;
    return link;
  });
}

async function* each(lines: readonly string[]) {
  yield* lines;
}

const readBack = (lines: readonly string[]) => Array.fromAsync(readExport(each(lines)));

describe("an export", () => {
  it("reads back as it was chained, whatever the entries say", async () => {
    const chain = chainOf(
      '{"tool":"stop_guest","input":{"2":1,"1":"ä\\u2028\\ud800","__proto__":[0.1,null]}}',
      '{ "tool" : "spaced by somebody" }',
      '"text"',
      "no JSON",
    );

    const read = await readBack(chain.map(toExportLine));

    expect(read).toEqual(chain);
    expect(await verifyChain(links(read), genesis)).toMatchObject({ ok: true });
  });

  it("shows an entry as JSON that can be read", () => {
    const [link] = chainOf('{"tool":"stop_guest"}');

    expect(link && JSON.parse(toExportLine(link))).toMatchObject({ entry: { tool: "stop_guest" } });
  });

  it.each(["{", "[]", '{"seq":1}', '{"seq":"1","at":1,"entry":{},"previousHash":"","hash":""}'])(
    "names the line that is no entry: %s",
    async (line) => {
      const [link] = chainOf("{}");
      const lines = [link ? toExportLine(link) : "", "", line];

      await expect(readBack(lines)).rejects.toThrow("Line 3 is no entry");
    },
  );
});

describe("the chain of a part", () => {
  it("is checked from its own beginning, where no other is known", async () => {
    const part = chainOf("1", "2", "3").slice(1);

    expect(await verifyChain(links(part), undefined)).toEqual({
      ok: true,
      entries: 2,
      head: part.at(-1)?.hash,
    });
    expect(await verifyChain(links(part), genesis)).toMatchObject({ ok: false, brokenAt: 2 });
  });
});

async function* links(part: readonly Link[]) {
  yield* part;
}
