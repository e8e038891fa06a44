import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { mutate } from "#test/support/mutate.ts";
import type { Mutant } from "./mutants.ts";

const copied = ["src", "tools", "prompts", "package.json", "test/fuzz", "test/sim", "test/support"];

/**
 * What the fuzz says of a copy of the sources in which a mutant lives: the first violation, or
 * undefined where it saw none.
 *
 * @throws Error when the mutant does not fit the sources any more.
 */
export async function fuzzMutant(mutant: Mutant): Promise<string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), "proxmox-agent-fuzz-"));
  try {
    for (const path of copied) cpSync(path, join(folder, path), { recursive: true });
    symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
    mutate(folder, mutant.name, mutant.edits);
    const output = await fuzzIn(folder, mutant);
    return /^seed \d+: .*/m.exec(output)?.[0];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function fuzzIn(folder: string, { name, seed, runs }: Mutant): Promise<string> {
  const run = ["test/fuzz/run.ts", "--seed", `${seed}`, "--runs", `${runs}`, "--bail"];
  return new Promise((settle, fail) => {
    execFile(process.execPath, run, { cwd: folder }, (error, stdout, stderr) => {
      const ended = stdout.includes('"runsPerSecond"');
      if (ended) settle(stdout);
      else fail(new Error(`${name}: ${stderr}`, { cause: error }));
    });
  });
}
