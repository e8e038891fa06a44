import { parseArgs } from "node:util";
import type { RunResult } from "./simulate.ts";
import { simulate } from "./simulate.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "60" },
    from: { type: "string", default: "1" },
    /** How many lines of what happened before are printed of a violation. */
    lines: { type: "string", default: "60" },
    "until-violation": { type: "boolean", default: false },
  },
});
const seeds = Number(values.seeds);
const from = Number(values.from);

const totals = {
  ios: 0,
  crashes: 0,
  suspensions: 0,
  deletions: 0,
  destroys: 0,
  races: 0,
  lookalikeRaces: 0,
  lateVetoes: 0,
  posts: 0,
  duplicates: 0,
};
const print = (line: string) => process.stdout.write(`${line}\n`);

function printFailure({ seed, violations, trace }: RunResult): void {
  for (const { at, invariant, detail } of violations) {
    const subjects = detail.match(/pve[0-9a-f]{40}|\b\d{3}\b/g) ?? [];
    for (const line of trace.before(at, subjects, Number(values.lines))) print(line);
    print(`seed ${seed}: ${new Date(at).toISOString()} ${invariant}: ${detail}`);
  }
  print(`node test/sim/run.ts --seeds 1 --from ${seed}`);
}

const start = performance.now();
let failed = 0;
let firstFailure: number | undefined;
for (let seed = from; seed < from + seeds; seed += 1) {
  const result = await simulate(seed);
  for (const key of Object.keys(totals) as (keyof typeof totals)[]) totals[key] += result[key];
  if (result.violations.length > 0) {
    failed += 1;
    firstFailure ??= seed;
    printFailure(result);
    if (values["until-violation"]) break;
  }
  const count = seed - from + 1;
  if (count % 100 === 0) print(`${count} seeds, ${totals.destroys} guests deleted`);
}
const seconds = (performance.now() - start) / 1_000;
print(
  JSON.stringify({
    seeds,
    from,
    ...totals,
    violations: failed,
    firstFailure,
    secondsPerSeed: Number((seconds / seeds).toFixed(4)),
  }),
);
process.exitCode = failed > 0 ? 1 : 0;
