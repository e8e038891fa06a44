import { Command, InvalidArgumentError } from "commander";
import { loadConfig } from "#src/config.ts";
import { maskSecrets } from "#src/log.ts";
import { diagnose } from "./doctor/diagnose.ts";
import type { Finding } from "./doctor/finding.ts";
import { describeFinding, describeOutcome } from "./doctor/report.ts";
import { adviseRoles, type RoleOptions } from "./doctor/role.ts";
import { runCommand } from "./run-command.ts";

interface Options extends RoleOptions {
  readonly json?: true;
  readonly role?: true;
}

const command = new Command("doctor")
  .description("Checks the configuration against the live systems, and says what mends it.")
  .option("--json", "one JSON object instead of lines")
  .option("--role", "prints the commands that give the tokens what is needed and no more")
  .option(
    "--pool <name>",
    "with --role: guests of this pool may be changed, and no others",
    poolName,
  )
  .option("--pve <version>", "with --role: the version of Proxmox VE, 8 or 9", majorVersion)
  .option("--one-token", "with --role: one token for everything, deletions included");

const { signal } = new AbortController();

await runCommand(command, () => {
  const options = command.opts<Options>();
  return options.role ? printRoles(options) : printDiagnosis(options);
});

async function printDiagnosis({ json }: Options): Promise<number> {
  const colored = process.stdout.isTTY === true;
  const findings: Finding[] = [];
  for await (const finding of diagnose(process.env, signal)) {
    findings.push(finding);
    if (!json) print(describeFinding(finding, { colored }));
  }
  const ok = findings.every(({ level }) => level !== "failure");
  print(json ? JSON.stringify({ ok, findings }) : `\n${describeOutcome(findings)}`);
  return ok ? 0 : 1;
}

/** Standard output is for a shell; how the tokens compare with it is for a person. */
async function printRoles(options: RoleOptions): Promise<number> {
  const config = loadConfig(process.env);
  const { script, findings } = await adviseRoles(config, options, signal);
  const colored = process.stderr.isTTY === true;
  for (const finding of findings) {
    const text = describeFinding(finding, { colored });
    process.stderr.write(`${maskSecrets(text, config.secrets)}\n`);
  }
  print(script.join("\n"));
  return 0;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** As Proxmox names pools; it becomes part of a shell's command. */
function poolName(text: string): string {
  if (/^[\w.-]+(\/[\w.-]+)*$/.test(text)) return text;
  throw new InvalidArgumentError(
    "A pool's name has letters, digits, dots, dashes and underscores.",
  );
}

function majorVersion(text: string): number {
  if (text === "8" || text === "9") return Number(text);
  throw new InvalidArgumentError("The program is made for Proxmox VE 8 and 9.");
}
