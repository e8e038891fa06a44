import { createReadStream, createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { genesis, verifyChain } from "#src/audit/audit-chain.ts";
import { readExport, toExportLine } from "#src/audit/audit-export.ts";
import type { AuditLog } from "#src/audit/audit-log.ts";
import { PublicError } from "#src/errors.ts";

export type Print = (line: string) => void;

/**
 * Checks an export by itself. That nothing is missing before or after it, only the hashes at its
 * ends can tell, which are printed.
 *
 * @returns the exit code: 1 when it is not as it was exported
 * @throws PublicError when it cannot be read.
 */
export async function checkExport(file: string, print: Print): Promise<number> {
  let start = genesis;
  async function* links() {
    const input = createReadStream(file, "utf8");
    let isFirst = true;
    for await (const link of readExport(createInterface({ input }))) {
      if (isFirst) start = link.previousHash;
      isFirst = false;
      yield link;
    }
  }
  const result = await verifyChain(links(), undefined).catch(asUnreadable(file));
  if (!result.ok) {
    print(`${file} was changed: entry ${result.brokenAt} does not follow the one before it.`);
    return 1;
  }
  const begins = start === genesis ? "from the first of the log on" : `after the hash ${start}`;
  print(`${file} is intact: ${result.entries} entries ${begins}, last hash ${result.head}.`);
  return 0;
}

/**
 * Writes page by page, however long the log is.
 *
 * @param out a stream, which stays open, or a new file, for nobody else to read: it says what
 *   people did
 * @returns how many entries there were
 * @throws PublicError when the file is there already or cannot be written.
 */
export async function writeExport(
  links: ReturnType<AuditLog["links"]>,
  out: NodeJS.WritableStream | string,
): Promise<number> {
  let entries = 0;
  async function* lines() {
    for await (const link of links) {
      entries += 1;
      yield `${toExportLine(link)}\n`;
    }
  }
  if (typeof out !== "string") {
    await pipeline(lines, out, { end: false });
    return entries;
  }
  const file = createWriteStream(out, { flags: "wx", mode: 0o600 });
  await pipeline(Readable.from(lines()), file).catch(asUnwritable(out));
  return entries;
}

function asUnreadable(file: string) {
  return (cause: unknown): never => {
    if (cause instanceof PublicError || !(cause instanceof Error)) throw cause;
    throw new PublicError(`${file} cannot be read (${cause.message}).`, { cause });
  };
}

function asUnwritable(file: string) {
  return (cause: unknown): never => {
    if (!(cause instanceof Error && "code" in cause)) throw cause;
    const why = cause.code === "EEXIST" ? "it is there already" : cause.message;
    throw new PublicError(`${file} cannot be written (${why}).`, { cause });
  };
}
