import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";

const here = new URL(".", import.meta.url);

/** Installs what the other contenders are made of, unless it is there already. */
export function installPackages(): void {
  if (isInstalled()) return;
  process.stderr.write("Installing the packages to compare with; this is needed once ...\n");
  const options = ["--ignore-scripts", "--loglevel=error", "--no-audit", "--no-fund"];
  // npm's words go to standard error: standard output is the table's.
  const { status } = spawnSync("npm", ["ci", ...options], {
    cwd: here,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (status !== 0) throw new Error("The packages to compare with could not be installed.");
}

/** npm writes the first file last, from the second. */
function isInstalled(): boolean {
  const installed = new URL("node_modules/.package-lock.json", here);
  const wanted = new URL("package-lock.json", here);
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(wanted).mtimeMs;
}
