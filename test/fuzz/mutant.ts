import type { Edit } from "#test/support/mutate.ts";

/** One protection taken out of the sources; the fuzz has to notice within so many runs. */
export interface Mutant {
  /** What it does without. */
  readonly name: string;
  readonly edits: readonly Edit[];
  /** Of the first run: one that is known to notice, at the time of writing. */
  readonly seed: number;
  readonly runs: number;
}

export function edit(file: string, find: string, replace: string): Edit {
  return { file, find, replace };
}

export function mutant(name: string, edits: readonly Edit[], seed = 1, runs = 200): Mutant {
  return { name, edits, seed, runs };
}
