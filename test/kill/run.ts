import { parseArgs } from "node:util";
import { isViolated, runKills } from "./kill-run.ts";

const { values } = parseArgs({
  options: {
    deletions: { type: "string", default: "150" },
    rounds: { type: "string", default: "60" },
    seed: { type: "string", default: String(Date.now() % 100_000) },
    patience: { type: "string", default: "300" },
  },
});
const print = (line: string) => process.stdout.write(`${line}\n`);

const seed = Number(values.seed);
const report = await runKills({
  deletions: Number(values.deletions),
  rounds: Number(values.rounds),
  patience: Number(values.patience),
  seed,
  say: print,
});
print(JSON.stringify({ seed, ...report }));
process.exitCode = isViolated(report) ? 1 : 0;
