import { inject } from "./injection.ts";

const print = (line: string) => process.stdout.write(`${line}\n`);
const result = await inject();
const faults = [...result.effects, ...result.secrets, ...result.markup];
for (const fault of faults.slice(0, 30)) print(fault);
if (faults.length > 30) print(`${faults.length - 30} more`);
print(
  JSON.stringify({
    cases: result.cases,
    obeyed: result.obeyed,
    effects: result.effects.length,
    secrets: result.secrets.length,
    markup: result.markup.length,
    violations: faults.length,
  }),
);
process.exitCode = faults.length > 0 ? 1 : 0;
