import { writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { Command } from "commander";
import { brakeFile } from "#src/app/policy.ts";
import { createAuditLog } from "#src/audit/audit-log.ts";
import { redactedAuditLog } from "#src/audit/redacted-audit-log.ts";
import { createBrake } from "#src/brake/brake.ts";
import { type BrakeLever, type BrakeUse, createBrakeLever } from "#src/brake/brake-lever.ts";
import { systemClock as clock } from "#src/clock.ts";
import { configOf, type Host } from "#src/commands/host.ts";
import type { RunnableCommand } from "#src/commands/run-command.ts";
import type { Config } from "#src/config.ts";
import { silentLogger as log } from "#src/log.ts";
import { policyJsonSchema } from "#src/policy/json-schema.ts";
import { createRedactor } from "#src/redaction.ts";
import { openDatabase } from "#src/storage/database.ts";
import { createModelTools, type ModelToolDeps } from "#tools/index.ts";
import { checkPolicy } from "./check.ts";
import { explain } from "./explain.ts";
import { testTable } from "./test-table.ts";

const exampleFile = "data/policy.example.yaml";

// What a tool is called and does to the cluster does not depend on what it reaches.
const tools = createModelTools({} as ModelToolDeps);

/** Who may do what: checks, tests and explains it, and stops every change. */
export function createPolicyCommand(host: Host): RunnableCommand {
  /** A subcommand, to an exit code. */
  let act: () => Promise<number>;

  const command = new Command("policy")
    .exitOverride()
    .description("Who may do what: checks, tests and explains it.");
  command
    .command("check")
    .description("says what is wrong with a policy file, and what in it is probably not meant")
    .argument("[file]", "the file that POLICY_FILE names unless said otherwise")
    .option("--live", "look up the names of nodes in the cluster")
    .action((file: string | undefined, { live }: { live?: true }) => {
      act = async () => {
        const config = configOf(host, host.env);
        const known = { tools, timeZone: config.timeZone };
        return print(await checkPolicy(fileOf(config, file), known, live && config.proxmox));
      };
    });
  command
    .command("test")
    .description("compares what a policy decides with what its table (tests:) expects")
    .argument("[file]", "the file that POLICY_FILE names unless said otherwise")
    .option("--tests <file>", "the file with the table, if it is another")
    .action((file: string | undefined, { tests: table }: { tests?: string }) => {
      act = async () => {
        const config = configOf(host, host.env);
        const known = { tools, timeZone: config.timeZone };
        const files = { policy: fileOf(config, file), table };
        const { ok, lines } = await testTable(files, known, clock.now());
        print(lines);
        return ok ? 0 : 1;
      };
    });
  command
    .command("schema")
    .description("the JSON Schema of policy files, for editors")
    .argument("[file]", "where to write it; without it, it is printed")
    .action((file: string | undefined) => {
      act = async () => {
        const text = JSON.stringify(policyJsonSchema({ tools }), null, 2);
        if (file === undefined) return print([text]);
        await writeFile(file, `${text}\n`);
        return 0;
      };
    });
  command
    .command("explain")
    .description("why somebody may do something, or may not: explain bob stop_guest 104")
    .argument("<who>", "a user's id or name")
    .argument("<act>", "a tool, or an effect")
    .argument("[guest]", "a VMID or a name")
    .action((who: string, what: string, guest: string | undefined) => {
      act = async () =>
        print(await explain(configOf(host, host.env), { who, act: what, guest }, tools));
    });
  command
    .command("freeze")
    .description("stops every change at once, until it is released")
    .argument("[reason...]", "what people are told")
    .action((reason: string[]) => {
      act = () => useBrake((brake, use) => brake.freeze(use, reason.join(" ")));
    });
  command
    .command("release")
    .description("lets changes go on again")
    .action(() => {
      act = () => useBrake((brake, use) => brake.release(use));
    });

  /** Uses the brake of the configured database, and says what holds then. */
  async function useBrake(
    act: (brake: BrakeLever, use: BrakeUse) => Promise<string>,
  ): Promise<number> {
    const { databasePath, secrets } = configOf(host, host.env);
    const redact = createRedactor(secrets);
    const db = await openDatabase(databasePath, redact);
    try {
      const brake = createBrake({ db, file: brakeFile(databasePath), clock, log });
      const audit = redactedAuditLog(createAuditLog(db, clock), redact);
      const lever = createBrakeLever({ brake, audit, log });
      const { username } = userInfo();
      return print([await act(lever, { by: { id: username, name: username, role: "host" } })]);
    } finally {
      await db.destroy();
    }
  }

  function print(lines: readonly string[]): number {
    host.stdout.write(`${lines.join("\n")}\n`);
    return 0;
  }

  return { command, main: () => act() };
}

function fileOf({ policyFile }: Config, file: string | undefined): string {
  return file ?? policyFile ?? exampleFile;
}
