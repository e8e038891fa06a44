import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { type Copy, copySources } from "#test/support/mutate.ts";
import { type Mutant, mutants } from "./mutants.ts";

/** What came of one mutant. */
interface Verdict {
  readonly name: string;
  /** The first seed in which the simulation noticed; undefined when none did. */
  readonly caughtAt: number | undefined;
  readonly invariants: readonly string[];
}

/** Runs the simulation on the mutant until the first violation. */
async function judge({ from, seeds, ...mutant }: Mutant, copy: Copy): Promise<Verdict> {
  const run = ["test/sim/run.ts", "--from", `${from}`, "--seeds", `${seeds}`, "--until-violation"];
  const { exitCode, stdout, stderr } = await copy.run(mutant, run);
  const found = [...stdout.matchAll(/^seed (\d+): \S+ ([\w-]+):/gm)];
  if (exitCode !== 0 && found.length === 0) throw new Error(`${mutant.name}: ${stdout}${stderr}`);
  return {
    name: mutant.name,
    caughtAt: found[0]?.[1] === undefined ? undefined : Number(found[0][1]),
    invariants: [...new Set(found.map(([, , invariant = ""]) => invariant))],
  };
}

/** Judges all mutants, as many side by side as there are processors. */
async function judgeAll(chosen: readonly Mutant[], told: (verdict: Verdict) => void) {
  using copy = copySources(["src", "test/sim", "test/support"]);
  const waiting = [...chosen];
  const verdicts: Verdict[] = [];
  const work = async () => {
    for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
      const verdict = await judge(mutant, copy);
      verdicts.push(verdict);
      told(verdict);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return verdicts;
}

const { values } = parseArgs({
  options: { only: { type: "string", default: "" }, seeds: { type: "string" } },
});
const print = (line: string) => process.stdout.write(`${line}\n`);
const start = performance.now();
const chosen = mutants
  .filter(({ name }) => name.includes(values.only))
  .map((mutant) => (values.seeds ? { ...mutant, from: 1, seeds: Number(values.seeds) } : mutant));

const control = { name: "nothing", edits: [], from: 1, seeds: 30 };
const verdicts = await judgeAll([control, ...chosen], ({ name, caughtAt, invariants }) => {
  const end = caughtAt === undefined ? "nothing noticed" : `seed ${caughtAt} (${invariants})`;
  print(`without ${name}: ${end}`);
});
const isControl = ({ name }: Verdict) => name === control.name;
const falseAlarms = verdicts.filter((one) => isControl(one) && one.caughtAt !== undefined);
const survivors = verdicts.filter((one) => !isControl(one) && one.caughtAt === undefined);
print(
  JSON.stringify({
    mutants: chosen.length,
    caught: chosen.length - survivors.length,
    survivors: survivors.map(({ name }) => name),
    falseAlarms: falseAlarms.length,
    seconds: Math.round((performance.now() - start) / 1_000),
  }),
);
process.exitCode = survivors.length + falseAlarms.length > 0 ? 1 : 0;
