import { Command, InvalidArgumentError } from "commander";
import type { Host } from "#src/commands/host.ts";
import type { RunnableCommand } from "#src/commands/run-command.ts";
import { loadConfig } from "#src/config.ts";
import { maskSecrets } from "#src/log.ts";
import { diagnose } from "./diagnose.ts";
import type { Finding } from "./finding.ts";
import { describeFinding, describeOutcome } from "./report.ts";
import { adviseRoles, type RoleOptions } from "./role.ts";

interface Options extends RoleOptions {
  readonly json?: true;
  readonly role?: true;
}

/** Checks the configuration against the live systems, and says what mends it. */
export function createDoctorCommand(host: Host): RunnableCommand {
  const command = wordsOfDoctor();
  const print = (text: string) => void host.stdout.write(`${text}\n`);
  const { signal } = new AbortController();

  function main(): Promise<number> {
    const options = command.opts<Options>();
    return options.role ? printRoles(options) : printDiagnosis(options);
  }

  async function printDiagnosis({ json }: Options): Promise<number> {
    const colored = host.stdout.isTTY === true;
    const findings: Finding[] = [];
    for await (const finding of diagnose(host.env, signal)) {
      findings.push(finding);
      if (!json) print(describeFinding(finding, { colored }));
    }
    const ok = findings.every(({ level }) => level !== "failure");
    print(json ? JSON.stringify({ ok, findings }) : `\n${describeOutcome(findings)}`);
    return ok ? 0 : 1;
  }

  /** Standard output is for a shell; how the tokens compare with it is for a person. */
  async function printRoles(options: RoleOptions): Promise<number> {
    const config = loadConfig(host.env);
    const { script, findings } = await adviseRoles(config, options, signal);
    const colored = host.stderr.isTTY === true;
    for (const finding of findings) {
      const text = describeFinding(finding, { colored });
      host.stderr.write(`${maskSecrets(text, config.secrets)}\n`);
    }
    print(script.join("\n"));
    return 0;
  }

  return { command, main };
}

function wordsOfDoctor(): Command {
  return new Command("doctor")
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
