import { parseArgs } from "node:util";
import { type FailedRun, fuzz } from "./fuzz.ts";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "20000" },
    seed: { type: "string", default: "1" },
    lines: { type: "string", default: "30" },
    bail: { type: "boolean", default: false },
  },
});
const runs = Number(values.runs);
const seed = Number(values.seed);
const print = (line: string) => process.stdout.write(`${line}\n`);

function printFailure({ seed, violations, trace }: FailedRun): void {
  for (const line of trace.slice(-Number(values.lines))) print(`  ${line}`);
  for (const violation of violations) print(`seed ${seed}: ${violation}`);
  print(`node test/fuzz/run.ts --runs 1 --seed ${seed}`);
}

const shown = 5;
const start = performance.now();
const { failed, hash, ...figures } = await fuzz({
  runs,
  seed,
  bail: values.bail,
  onProgress: (played) => {
    if (played % 5_000 === 0) print(`${played} runs`);
  },
});
for (const run of failed.slice(0, shown)) printFailure(run);
if (failed.length > shown) print(`${failed.length - shown} more runs failed.`);
const seconds = (performance.now() - start) / 1_000;
const violations = failed.flatMap((run) => run.violations).length;
const runsPerSecond = Math.round(figures.runs / seconds);
print(JSON.stringify({ ...figures, violations, runsPerSecond }));
process.exitCode = violations > 0 ? 1 : 0;
