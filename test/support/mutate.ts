import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** A change of the sources that takes a protection out. */
export interface Edit {
  /** Within the project. */
  readonly file: string;
  /** Stands in the file once, or the mutant does not fit the sources any more. */
  readonly find: string;
  readonly replace: string;
}

interface Mutated {
  readonly name: string;
  readonly edits: readonly Edit[];
}

interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The sources as they were, also when somebody is writing at them, in which mutants can live. */
export interface Copy extends Disposable {
  /**
   * Runs a script of the copy with the edits of this mutant.
   *
   * @throws Error when an edit does not fit exactly once.
   */
  run(mutant: Mutated, script: readonly string[]): Promise<Ended>;
}

const hook = fileURLToPath(new URL("mutant-hook.ts", import.meta.url));

/** Copies these files and folders of the project. */
export function copySources(paths: readonly string[]): Copy {
  // As Node names its files: a temporary folder may be a link.
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "proxmox-agent-mutants-")));
  for (const path of ["package.json", ...paths]) {
    cpSync(path, join(folder, path), { recursive: true });
  }
  symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
  const { PATH } = process.env;
  const compileCache = join(folder, "compile-cache");
  return {
    async run({ name, edits }, script) {
      for (const { file, find } of edits) {
        const count = readFileSync(join(folder, file), "utf8").split(find).length - 1;
        if (count !== 1) throw new Error(`${name}: ${file} has it ${count} times: ${find}`);
      }
      const env = { PATH, MUTANT: JSON.stringify(edits), NODE_COMPILE_CACHE: compileCache };
      const options = { cwd: folder, env };
      return await new Promise((settle) => {
        const words = ["--import", hook, ...script];
        const child = execFile(process.execPath, words, options, (_, stdout, stderr) => {
          settle({ exitCode: child.exitCode ?? -1, stdout, stderr });
        });
      });
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}
