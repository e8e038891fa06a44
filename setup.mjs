// Runs before every npm script: installs what package-lock.json lists, once, and makes sure that
// the script gets a Node that can run it. Plain JavaScript, because a Node of 18 or 20 runs it
// first. Speaks on standard error only: standard output belongs to the script that follows.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(fileURLToPath(import.meta.url));
const modules = join(root, "node_modules");
const stampFile = join(modules, ".installed-from");
const lockFile = join(root, ".setup.lock");
const settingsFile = join(root, ".env");

const oldestMajor = 24;
const lockPollMs = 250;
/** Ten times what an install takes on a slow line; an older lock was left behind. */
const lockStaleMs = 20 * 60_000;

const isWindows = process.platform === "win32";
/** The package that brings Node along, if there is one for this platform. */
const runtimePackage = `node-${isWindows ? "win" : process.platform}-${process.arch}`;

function say(sentence) {
  process.stderr.write(`${sentence}\n`);
}

function giveUp(sentence) {
  say(sentence);
  process.exit(1);
}

function giveUpOnRuntime(reason) {
  giveUp(
    `proxmox-agent needs Node ${oldestMajor} or newer and this is ${process.version}; ${reason}: ` +
      "install a newer one from https://nodejs.org, then run the same command again.",
  );
}

/** What node_modules has to be installed from; another platform needs other binaries. */
function wantedStamp() {
  const hash = createHash("sha256").update(readFileSync(join(root, "package-lock.json")));
  return `${process.platform}-${process.arch} ${hash.digest("hex")}`;
}

function isInstalled() {
  return existsSync(stampFile) && readFileSync(stampFile, "utf8") === wantedStamp();
}

function isNewEnough(version) {
  return Number(/^v(\d+)/.exec(version)?.[1]) >= oldestMajor;
}

function bringsRuntime() {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return runtimePackage in manifest.optionalDependencies;
}

function installedRuntimeStarts() {
  const node = join(modules, runtimePackage, "bin", isWindows ? "node.exe" : "node");
  const { stdout } = spawnSync(node, ["--version"], { encoding: "utf8" });
  return isNewEnough(stdout ?? "");
}

/** Whether the install that wrote the lock is still at work. */
function isLockAlive() {
  try {
    if (Date.now() - statSync(lockFile).mtimeMs > lockStaleMs) return false;
    process.kill(Number(readFileSync(lockFile, "utf8")), 0);
    return true;
  } catch (error) {
    // EPERM: the process is there and belongs to somebody else.
    return error.code === "EPERM";
  }
}

function tryLock() {
  try {
    writeFileSync(lockFile, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    return giveUp(`proxmox-agent cannot be installed here: ${error.message}.`);
  }
}

/** Waits until no other install is at work in this folder, and takes its place. */
function lock() {
  for (let waiting = false; !tryLock(); waiting = true) {
    if (!isLockAlive()) {
      rmSync(lockFile, { force: true });
      continue;
    }
    if (!waiting)
      say("Waiting for another install here (if there is none, remove .setup.lock) ...");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, lockPollMs);
  }
}

/** The npm that started this, run by the Node that it runs on. */
function npmCommand() {
  const { npm_execpath: npm = "", npm_node_execpath: node = process.execPath } = process.env;
  if (basename(npm) === "npm-cli.js") return { command: node, leading: [npm], shell: false };
  // Windows starts npm.cmd through a shell only.
  return { command: "npm", leading: [], shell: isWindows };
}

function install() {
  say("Installing the packages of package-lock.json; this is needed once and takes a while ...");
  const { command, leading, shell } = npmCommand();
  // No package needs its install script. Settings that would leave out what a script needs, such
  // as NODE_ENV=production, are overruled.
  const options = ["--ignore-scripts", "--include=dev", "--include=optional"];
  const quiet = ["--loglevel=error", "--no-audit", "--no-fund", "--no-update-notifier"];
  const { status, error } = spawnSync(command, [...leading, "ci", ...options, ...quiet], {
    cwd: root,
    shell,
    // What npm says on its standard output goes to our standard error.
    stdio: ["ignore", 2, 2],
  });
  if (status === 0) return;
  giveUp(
    `Installing failed (${error?.message ?? "npm's reason is above"}): see that the npm registry ` +
      "can be reached and the disk has 500 MB free, then run the same command again.",
  );
}

/** A place for the settings, all of them explained and none of them set; secrets will go there. */
function copySettings() {
  writeFileSync(settingsFile, readFileSync(join(root, ".env.example")), { mode: 0o600 });
}

function setUp() {
  const runsOnOwn = isNewEnough(process.version);
  if (!runsOnOwn && !bringsRuntime()) {
    giveUpOnRuntime(`none comes along for ${process.platform} on ${process.arch}`);
  }
  lock();
  process.on("exit", () => rmSync(lockFile, { force: true }));
  if (isInstalled()) return;

  install();
  if (!installedRuntimeStarts()) {
    // Off the PATH of the scripts with it: the next one would find nothing else.
    rmSync(join(modules, ".bin", "node"), { force: true });
    if (!runsOnOwn) giveUpOnRuntime(`${runtimePackage} was not installed or does not start`);
  }
  writeFileSync(stampFile, wantedStamp());
  if (!existsSync(settingsFile)) copySettings();
}

// Through npm this process runs on the very Node that the script gets: .bin is first on its PATH.
if (!isInstalled()) setUp();
else if (!isNewEnough(process.version) && !installedRuntimeStarts()) {
  giveUpOnRuntime("the one in node_modules does not start");
}
