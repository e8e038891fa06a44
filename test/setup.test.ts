import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";

/** Stands in for npm: writes down how it was called, and installs a Node that says its version. */
const fakeNpm = `
const { appendFileSync, mkdirSync, writeFileSync } = require("node:fs");
appendFileSync("npm-calls", process.argv.slice(2).join(" ") + "\\n");
console.log("added 1 package");
const { FAKE_EXIT, FAKE_NODE, FAKE_MS = 0 } = process.env;
setTimeout(() => {
  if (FAKE_EXIT) process.exit(Number(FAKE_EXIT));
  const bin = "node_modules/node-" + process.platform + "-" + process.arch + "/bin";
  mkdirSync(bin, { recursive: true });
  mkdirSync("node_modules/.bin", { recursive: true });
  writeFileSync("node_modules/.bin/node", "");
  if (FAKE_NODE) writeFileSync(bin + "/node", "#!/bin/sh\\necho " + FAKE_NODE, { mode: 0o755 });
}, FAKE_MS);
`;

interface Options {
  /** The version that the Node which runs the setup claims to be. */
  readonly node?: string;
  readonly env?: Record<string, string>;
}

function bareClone({ brings = `node-${process.platform}-${process.arch}` } = {}) {
  const root = mkdtempSync(join(tmpdir(), "setup-"));
  const path = (name: string) => join(root, name);
  copyFileSync("setup.mjs", path("setup.mjs"));
  writeFileSync(path("npm-cli.js"), fakeNpm);
  writeFileSync(path("package.json"), JSON.stringify({ optionalDependencies: { [brings]: "1" } }));
  writeFileSync(path("package-lock.json"), "{}");
  writeFileSync(path(".env.example"), "LOG_LEVEL=\n");

  function start({ node = process.version, env = {} }: Options): ChildProcess {
    const version = `Object.defineProperty(process, "version", { value: "${node}" })`;
    return spawn(process.execPath, ["--import", `data:text/javascript,${version}`, "setup.mjs"], {
      cwd: root,
      // A group of its own, as at a terminal, so that it can be stopped with what it started.
      detached: true,
      env: { FAKE_NODE: "v24.21.0", ...env, npm_execpath: path("npm-cli.js") },
    });
  }

  async function run(options: Options = {}) {
    const child = start(options);
    const [stdout, stderr] = await Promise.all([
      child.stdout && text(child.stdout),
      child.stderr && text(child.stderr),
      once(child, "exit"),
    ]);
    return { code: child.exitCode, stdout, stderr };
  }

  const calls = () => (existsSync(path("npm-calls")) ? readLines(path("npm-calls")) : []);
  return { path, start, run, calls };
}

function readLines(file: string): string[] {
  return readFileSync(file, "utf8").trim().split("\n");
}

describe("setting up a bare clone", () => {
  it("installs once, with all that a script may need and no install scripts", async () => {
    const clone = bareClone();

    expect(await clone.run()).toMatchObject({ code: 0, stdout: "" });
    expect(await clone.run()).toEqual({ code: 0, stdout: "", stderr: "" });

    expect(clone.calls()).toEqual([expect.stringMatching(/^ci --ignore-scripts --include=dev /)]);
    expect(existsSync(clone.path(".setup.lock"))).toBe(false);
  });

  it("keeps what npm says off the standard output", async () => {
    const { stdout, stderr } = await bareClone().run();

    expect(stdout).toBe("");
    expect(stderr).toContain("added 1 package");
  });

  it("lays out the settings for its owner's eyes only, and keeps those that are there", async () => {
    const clone = bareClone();
    await clone.run();
    expect(readLines(clone.path(".env"))).toEqual(["LOG_LEVEL="]);
    expect(statSync(clone.path(".env")).mode & 0o077).toBe(0);

    writeFileSync(clone.path(".env"), "LOG_LEVEL=debug\n");
    writeFileSync(clone.path("package-lock.json"), '{"changed":true}');
    await clone.run();
    expect(readLines(clone.path(".env"))).toEqual(["LOG_LEVEL=debug"]);
  });

  it("installs again when the lock file changed", async () => {
    const clone = bareClone();
    await clone.run();
    writeFileSync(clone.path("package-lock.json"), '{"changed":true}');
    await clone.run();

    expect(clone.calls()).toHaveLength(2);
  });

  it("says in a sentence that installing failed, and tries again the next time", async () => {
    const clone = bareClone();

    const failed = await clone.run({ env: { FAKE_EXIT: "7" } });
    expect(failed).toMatchObject({ code: 1, stdout: "" });
    expect(failed.stderr).toMatch(/^Installing failed .*run the same command again\.$/m);
    expect(existsSync(clone.path(".setup.lock"))).toBe(false);

    expect(await clone.run()).toMatchObject({ code: 0 });
  });
});

describe("two at once", () => {
  it("install once, one after the other", async () => {
    const clone = bareClone();

    const runs = [clone.run({ env: { FAKE_MS: "400" } }), clone.run({ env: { FAKE_MS: "400" } })];
    const results = await Promise.all(runs);

    expect(results.map(({ code }) => code)).toEqual([0, 0]);
    expect(clone.calls()).toHaveLength(1);
    expect(results.map(({ stderr }) => stderr).join()).toContain("Waiting for another install");
  });

  it("do not wait for one that was killed", async () => {
    const clone = bareClone();
    const killed = clone.start({ env: { FAKE_MS: "60000" } });
    while (clone.calls().length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    process.kill(-(killed.pid ?? 0), "SIGKILL");
    await once(killed, "exit");
    expect(existsSync(clone.path(".setup.lock"))).toBe(true);

    const { code, stderr } = await clone.run();
    expect({ code, waited: stderr?.includes("Waiting") }).toEqual({ code: 0, waited: false });
  });
});

describe("a Node that is too old", () => {
  const old = { node: "v20.20.2" };

  it("is good enough where a newer one comes along", async () => {
    const clone = bareClone();

    expect(await clone.run(old)).toMatchObject({ code: 0 });
    expect(await clone.run(old)).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it("is refused in a sentence, before anything is installed, where none comes along", async () => {
    const clone = bareClone({ brings: "node-another-system" });

    const { code, stderr } = await clone.run(old);

    expect(code).toBe(1);
    expect(stderr).toMatch(/^proxmox-agent needs Node 24 or newer and this is v20\.20\.2; .*\.\n$/);
    expect(clone.calls()).toEqual([]);
  });

  it.each([
    ["was not installed", ""],
    ["is itself too old", "v22.1.0"],
    ["does not start", "broken >&2; exit 127"],
  ])("is refused in a sentence when the one that comes along %s", async (_, FAKE_NODE) => {
    const clone = bareClone();

    const { code, stderr } = await clone.run({ ...old, env: { FAKE_NODE } });

    expect(code).toBe(1);
    expect(stderr).toMatch(/needs Node 24 or newer .* node-.* was not installed or does not start/);
    expect(existsSync(clone.path("node_modules/.bin/node"))).toBe(false);
  });
});

it("lets a newer Node of the person's own go on alone where the other does not start", async () => {
  const clone = bareClone();

  expect(await clone.run({ env: { FAKE_NODE: "" } })).toMatchObject({ code: 0 });
  expect(existsSync(clone.path("node_modules/.bin/node"))).toBe(false);
});
