import { createReadStream, createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Command, InvalidArgumentError } from "commander";
import { plainText } from "#src/actions/plain-text.ts";
import { configOfProcess } from "#src/app/process-config.ts";
import { genesis, verifyChain } from "#src/audit/audit-chain.ts";
import { readExport, toExportLine } from "#src/audit/audit-export.ts";
import { type AuditLog, type AuditRecord, createAuditLog } from "#src/audit/audit-log.ts";
import { describeRecord } from "#src/audit/describe-record.ts";
import { systemClock } from "#src/clock.ts";
import type { Config } from "#src/config.ts";
import { PublicError } from "#src/errors.ts";
import { openDatabase } from "#src/storage/database.ts";
import { type PastTime, readPastTime } from "#src/when/past-time.ts";
import { runCommand } from "./run-command.ts";

interface Options {
  readonly guest?: number;
  readonly limit: number;
  readonly json?: boolean;
  readonly since?: string;
  readonly until?: string;
  readonly out?: string;
}

const command = new Command("audit")
  .description("Shows the audit log, exports it, or checks that nobody changed it.")
  .argument(
    "[what]",
    "tail: the latest entries; verify: check the chain of hashes; export: every entry of a time, as JSON Lines",
    "tail",
  )
  .argument("[file]", "verify: an exported file instead of the database")
  .option("--guest <vmid>", "tail: only the entries of this guest", wholeNumber)
  .option("--limit <n>", "tail: how many entries at the most", wholeNumber, 20)
  .option("--json", "tail: one JSON object per line")
  .option("--since <time>", 'export: from then on, such as "last week" or 2026-11-20')
  .option("--until <time>", "export: up to the end of then")
  .option("--out <file>", "export: into this new file instead of standard output");

await runCommand(command, async () => {
  const [what, file] = command.processedArgs as [string, string | undefined];
  const options = command.opts<Options>();
  // Whoever read along has left; what is left to print is for nobody.
  process.stdout.on("error", () => {});
  if (file !== undefined && what !== "verify") wrong(`"${what}" takes no file.`);
  if (file !== undefined) return await verifyFile(file);

  const config = configOfProcess(process.env);
  const db = await openDatabase(config.databasePath);
  try {
    const audit = createAuditLog(db, systemClock);
    if (what === "verify") return await verify(audit);
    if (what === "tail") return await tail(audit, options);
    if (what === "export") return await exportLog(audit, options, config);
    return wrong(`There is no "${what}"; use tail, verify or export.`);
  } finally {
    await db.destroy();
  }
});

/** @returns the exit code: 1 when the log is not as it was written */
async function verify(audit: AuditLog): Promise<number> {
  const result = await audit.verify();
  if (result.ok) {
    print(`The audit log is intact: ${result.entries} entries, last hash ${result.head}.`);
    return 0;
  }
  print(`The audit log was changed: entry ${result.brokenAt} does not follow the one before it.`);
  return 1;
}

/**
 * Checks an export by itself. That nothing is missing before or after it, only the hashes at its
 * ends can tell, which are printed.
 *
 * @returns the exit code: 1 when it is not as it was exported
 */
async function verifyFile(file: string): Promise<number> {
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

/** Writes page by page, however long the log is. */
async function exportLog(
  audit: AuditLog,
  { since, until, out }: Options,
  config: Pick<Config, "timeZone">,
): Promise<number> {
  const span = {
    since: since === undefined ? undefined : pastTime(since, config).from.epochMilliseconds,
    until: until === undefined ? undefined : pastTime(until, config).to.epochMilliseconds,
  };
  let entries = 0;
  async function* lines() {
    for await (const link of audit.links(span)) {
      entries += 1;
      yield `${toExportLine(link)}\n`;
    }
  }
  if (out === undefined) {
    await pipeline(lines, process.stdout, { end: false });
    return 0;
  }
  // Never over a file that is there, and for nobody else to read: it says what people did.
  const file = createWriteStream(out, { flags: "wx", mode: 0o600 });
  await pipeline(Readable.from(lines()), file).catch(asUnwritable(out));
  print(`Exported ${entries} entries to ${out}.`);
  return 0;
}

async function tail(audit: AuditLog, { guest, limit, json }: Options): Promise<number> {
  const records = await audit.tail({ limit, ...(guest !== undefined && { vmid: guest }) });
  if (records.length === 0 && !json) print("There is no such entry in the audit log.");
  for (const record of records) print(json ? JSON.stringify(record) : lineOf(record));
  return 0;
}

/** Names and reasons come from outside: a terminal must not obey them. */
function lineOf(record: AuditRecord): string {
  return plainText(describeRecord(record), 2_000);
}

function pastTime(words: string, { timeZone }: Pick<Config, "timeZone">): PastTime {
  const found = readPastTime(words, { now: systemClock.now(), timeZone });
  return found ?? wrong(`"${words}" is no time in the past; try "yesterday" or 2026-11-20.`);
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

function wrong(message: string): never {
  return command.error(message, { exitCode: 2 });
}

function wholeNumber(text: string): number {
  // More digits than VMIDs and limits have are no whole number to the database.
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("Expected a whole number.");
  return Number(text);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
