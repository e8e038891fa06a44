import { Command, InvalidArgumentError } from "commander";
import { type AuditLog, type AuditRecord, createAuditLog } from "#src/audit/audit-log.ts";
import { describeRecord } from "#src/audit/describe-record.ts";
import { systemClock } from "#src/clock.ts";
import { configOf, type Host } from "#src/commands/host.ts";
import type { RunnableCommand } from "#src/commands/run-command.ts";
import type { Config } from "#src/config.ts";
import { plainText } from "#src/plain-text.ts";
import { openDatabase } from "#src/storage/database.ts";
import { type PastTime, readPastTime } from "#src/when/past-time.ts";
import { checkExport, type Print, writeExport } from "./exported-log.ts";

interface Options {
  readonly guest?: number;
  readonly limit: number;
  readonly json?: boolean;
  readonly since?: string;
  readonly until?: string;
  readonly out?: string;
}

/** Shows the audit log, exports it, or checks that nobody changed it. */
export function createAuditCommand(host: Host): RunnableCommand {
  const command = wordsOfAudit();
  const print = (line: string) => void host.stdout.write(`${line}\n`);
  const wrong = (message: string): never => command.error(message, { exitCode: 2 });

  async function main(): Promise<number> {
    const [what, file] = command.processedArgs as [string, string | undefined];
    // Whoever read along has left; what is left to print is for nobody.
    host.stdout.on("error", () => {});
    if (file !== undefined && what !== "verify") wrong(`"${what}" takes no file.`);
    if (file !== undefined) return await checkExport(file, print);

    const config = configOf(host, host.env);
    const db = await openDatabase(config.databasePath);
    try {
      const audit = createAuditLog(db, systemClock);
      const options = command.opts<Options>();
      if (what === "verify") return await verify(audit, print);
      if (what === "tail") return await tail(audit, options, print);
      if (what === "export") return await exportLog(audit, options, config);
      return wrong(`There is no "${what}"; use tail, verify or export.`);
    } finally {
      await db.destroy();
    }
  }

  async function exportLog(
    audit: AuditLog,
    { since, until, out }: Options,
    config: Pick<Config, "timeZone">,
  ): Promise<number> {
    const links = audit.links({
      since: since === undefined ? undefined : pastTime(since, config).from.epochMilliseconds,
      until: until === undefined ? undefined : pastTime(until, config).to.epochMilliseconds,
    });
    const entries = await writeExport(links, out ?? host.stdout);
    if (out !== undefined) print(`Exported ${entries} entries to ${out}.`);
    return 0;
  }

  function pastTime(words: string, { timeZone }: Pick<Config, "timeZone">): PastTime {
    const found = readPastTime(words, { now: systemClock.now(), timeZone });
    return found ?? wrong(`"${words}" is no time in the past; try "yesterday" or 2026-11-20.`);
  }

  return { command, main };
}

function wordsOfAudit(): Command {
  return new Command("audit")
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
}

/** @returns the exit code: 1 when the log is not as it was written */
async function verify(audit: AuditLog, print: Print): Promise<number> {
  const result = await audit.verify();
  if (result.ok) {
    print(`The audit log is intact: ${result.entries} entries, last hash ${result.head}.`);
    return 0;
  }
  print(`The audit log was changed: entry ${result.brokenAt} does not follow the one before it.`);
  return 1;
}

async function tail(
  audit: AuditLog,
  { guest, limit, json }: Options,
  print: Print,
): Promise<number> {
  const records = await audit.tail({ limit, ...(guest !== undefined && { vmid: guest }) });
  if (records.length === 0 && !json) print("There is no such entry in the audit log.");
  for (const record of records) print(json ? JSON.stringify(record) : lineOf(record));
  return 0;
}

/** Names and reasons come from outside: a terminal must not obey them. */
function lineOf(record: AuditRecord): string {
  return plainText(describeRecord(record), 2_000);
}

function wholeNumber(text: string): number {
  // More digits than VMIDs and limits have are no whole number to the database.
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("Expected a whole number.");
  return Number(text);
}
