import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { mutate } from "#test/support/mutate.ts";
import { type Mutant, mutants } from "./mutants.ts";

/** What came of one mutant. */
interface Verdict {
  readonly name: string;
  /** The first seed in which the simulation noticed; undefined when none did. */
  readonly caughtAt: number | undefined;
  readonly invariants: readonly string[];
}

const copied = ["src", "package.json", "test/sim"];

/** A copy of the sources, in which a mutant can live. */
function copySources(from: string): string {
  const folder = mkdtempSync(join(tmpdir(), "proxmox-agent-mutant-"));
  for (const path of copied) cpSync(join(from, path), join(folder, path), { recursive: true });
  symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
  return folder;
}

/** Runs the simulation in the folder until the first violation. */
function simulateIn(folder: string, { from, seeds }: Pick<Mutant, "from" | "seeds">) {
  const run = ["test/sim/run.ts", "--from", `${from}`, "--seeds", `${seeds}`, "--until-violation"];
  return new Promise<{ readonly code: number; readonly output: string }>((settle) => {
    const child = execFile(process.execPath, run, { cwd: folder }, (_, stdout, stderr) => {
      settle({ code: child.exitCode ?? -1, output: stdout + stderr });
    });
  });
}

async function judge(mutant: Mutant, original: string): Promise<Verdict> {
  const folder = copySources(original);
  try {
    mutate(folder, mutant.name, mutant.edits);
    const { code, output } = await simulateIn(folder, mutant);
    const found = [...output.matchAll(/^seed (\d+): \S+ ([\w-]+):/gm)];
    if (code !== 0 && found.length === 0) throw new Error(`${mutant.name}: ${output}`);
    return {
      name: mutant.name,
      caughtAt: found[0]?.[1] === undefined ? undefined : Number(found[0][1]),
      invariants: [...new Set(found.map(([, , invariant = ""]) => invariant))],
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Judges all mutants, as many side by side as there are processors. */
async function judgeAll(chosen: readonly Mutant[], told: (verdict: Verdict) => void) {
  // All of them are mutants of the same sources, also when somebody is writing at them.
  const original = copySources(".");
  const waiting = [...chosen];
  const verdicts: Verdict[] = [];
  const work = async () => {
    for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
      const verdict = await judge(mutant, original);
      verdicts.push(verdict);
      told(verdict);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  rmSync(original, { recursive: true });
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
