import { Command } from "commander";
import { diagnose } from "./doctor/diagnose.ts";
import type { Finding } from "./doctor/finding.ts";
import { describeFinding, describeOutcome } from "./doctor/report.ts";
import { runCommand } from "./run-command.ts";

const command = new Command("doctor")
  .description("Checks the configuration against the live systems, and says what mends it.")
  .option("--json", "one JSON object instead of lines");

await runCommand(command, async () => {
  const { json } = command.opts<{ json?: true }>();
  const { signal } = new AbortController();
  const colored = process.stdout.isTTY === true;
  const findings: Finding[] = [];
  for await (const finding of diagnose(process.env, signal)) {
    findings.push(finding);
    if (!json) print(describeFinding(finding, { colored }));
  }
  const ok = findings.every(({ level }) => level !== "failure");
  print(json ? JSON.stringify({ ok, findings }) : `\n${describeOutcome(findings)}`);
  return ok ? 0 : 1;
});

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
