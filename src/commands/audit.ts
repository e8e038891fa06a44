import { Command, InvalidArgumentError } from "commander";
import { plainText } from "#src/actions/plain-text.ts";
import { type AuditLog, type AuditRecord, createAuditLog } from "#src/audit/audit-log.ts";
import { describeRecord } from "#src/audit/describe-record.ts";
import { systemClock } from "#src/clock.ts";
import { loadConfig } from "#src/config.ts";
import { openDatabase } from "#src/storage/database.ts";
import { runCommand } from "./run-command.ts";

interface Options {
  readonly guest?: number;
  readonly limit: number;
  readonly json?: boolean;
}

const command = new Command("audit")
  .description("Shows the audit log, or checks that nobody changed it.")
  .argument("[what]", "tail: the latest entries; verify: check the chain of hashes", "tail")
  .option("--guest <vmid>", "only the entries of this guest", wholeNumber)
  .option("--limit <n>", "how many entries at the most", wholeNumber, 20)
  .option("--json", "one JSON object per line");

await runCommand(command, async () => {
  const [what] = command.processedArgs as [string];
  const options = command.opts<Options>();
  const config = loadConfig(process.env);
  // Whoever read along has left; what is left to print is for nobody.
  process.stdout.on("error", () => {});
  const db = await openDatabase(config.databasePath);
  try {
    const audit = createAuditLog(db, systemClock);
    if (what === "verify") return await verify(audit);
    if (what === "tail") return await tail(audit, options);
    return command.error(`There is no "${what}"; use tail or verify.`, { exitCode: 2 });
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

function wholeNumber(text: string): number {
  // More digits than VMIDs and limits have are no whole number to the database.
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("Expected a whole number.");
  return Number(text);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
