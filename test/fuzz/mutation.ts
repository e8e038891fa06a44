import { type Copy, copySources } from "#test/support/mutate.ts";
import type { Mutant } from "./mutant.ts";

/** The sources of which {@link fuzzMutant} makes mutants. */
export function copyForMutants(): Copy {
  return copySources(["src", "tools", "prompts", "test/fuzz", "test/sim", "test/support"]);
}

/**
 * What the fuzz says of sources in which a mutant lives: the first violation, or undefined where it
 * saw none.
 *
 * @throws Error when the mutant does not fit the sources any more.
 */
export async function fuzzMutant(
  copy: Copy,
  { seed, runs, ...mutant }: Mutant,
): Promise<string | undefined> {
  const fuzz = ["test/fuzz/run.ts", "--seed", `${seed}`, "--runs", `${runs}`, "--bail"];
  const { stdout, stderr } = await copy.run(mutant, fuzz);
  const ended = stdout.includes('"runsPerSecond"');
  if (!ended) throw new Error(`${mutant.name}: ${stderr}`);
  return /^seed \d+: .*/m.exec(stdout)?.[0];
}
