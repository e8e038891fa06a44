import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A change of the sources that takes a protection out. */
export interface Edit {
  /** Within the project. */
  readonly file: string;
  /** Stands in the file once, or the mutant does not fit the sources any more. */
  readonly find: string;
  readonly replace: string;
}

/**
 * Changes the copy of the sources in the folder.
 *
 * @throws Error when an edit does not fit exactly once.
 */
export function mutate(folder: string, name: string, edits: readonly Edit[]): void {
  for (const { file, find, replace } of edits) {
    const path = join(folder, file);
    const source = readFileSync(path, "utf8");
    const count = source.split(find).length - 1;
    if (count !== 1) throw new Error(`${name}: ${file} has it ${count} times: ${find}`);
    writeFileSync(
      path,
      source.replace(find, () => replace),
    );
  }
}
