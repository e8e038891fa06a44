import { readdir, readFile, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { chatJson } from "#test/support/chat-records.ts";
import { runHere } from "#test/support/command-here.ts";
import { startDemoCluster } from "#test/support/demo-cluster.ts";
import { runProgram } from "#test/support/program.ts";

const shutdown = "POST /nodes/pve1/lxc/102/status/shutdown";

/** All that a program left behind, in one text. */
async function contentsOf(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => name.startsWith("agent"));
  const texts = names.map((name) => readFile(join(folder, name), "latin1"));
  return (await Promise.all(texts)).join("\n");
}

describe("a real cluster without a policy file", () => {
  it("may be read, may not be changed, and says so at the start", async () => {
    const { env, folder, changes } = await startDemoCluster({ https: true });
    const lines = ["list containers", "shut down web-02"];

    const { exitCode, stdout } = await runProgram("main", lines, { env, folder });

    expect(exitCode).toBe(0);
    expect(stdout).toContain(
      "Warning: There is no POLICY_FILE: everyone may read, nobody may change anything.",
    );
    expect(stdout).toMatch(/102\s+ct\s+web-02\s+pve1\s+running/);
    expect(stdout).toContain("which may not do this (shutdown_guest)");
    expect(changes()).toEqual([]);
  });
});

describe("a real cluster with a policy file", () => {
  it("does what the operating system's user may", async () => {
    const { env, folder, changes } = await startDemoCluster({ role: "operator", https: true });

    const { records, stderr } = await chatJson(["shut down web-02"], { env, folder });

    expect(stderr).toBe("");
    expect(records).toMatchObject([
      { user: userInfo().username, calls: [{ target: { vmid: 102 }, outcome: { kind: "done" } }] },
    ]);
    expect(changes()).toEqual([shutdown]);
  });

  it("lets a confirmation wait where nobody sits at a terminal", async () => {
    const { env, folder, changes } = await startDemoCluster({ role: "admin" });
    const lines = ["delete test-runner tomorrow at 17:00", "y", "test-runner", "yes, confirmed"];

    const { exitCode, stdout } = await runProgram("main", lines, { env, folder });
    const scheduled = await runProgram("main", ["what is scheduled?"], { env, folder });

    expect(exitCode).toBe(0);
    expect(stdout).toContain("Nothing was deleted yet. Waiting for your confirmation");
    expect(scheduled.stdout).toContain("No deletion is scheduled.");
    expect(changes()).toEqual([]);
  });

  it.each([
    ["--user", "bob"],
    ["--now", "2026-11-24T12:00:00Z"],
    ["--seed", "seed.json"],
    ["--approve"],
    ["--each"],
  ])("refuses %s, which exists in the sandbox only", async (...args) => {
    const { env, folder, simulator } = await startDemoCluster({ role: "admin" });

    const { exitCode, stdout, stderr } = await runHere("chat", ["shut down web-02"], {
      args: ["--json", ...args],
      env,
      folder,
    });

    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain("exists in the sandbox only");
    expect(simulator.controls.journal()).toEqual([]);
  });

  it.each([
    ["users: 7\nrules: {}", "The policy file is not valid:"],
    ["users: [", "policy.yaml cannot be read"],
  ])("does not start with a policy file of %j", async (text, problem) => {
    const { env, folder, simulator } = await startDemoCluster({ role: "admin" });
    await writeFile(join(folder, "policy.yaml"), text);

    const { exitCode, stdout, stderr } = await runProgram("main", ["list"], { env, folder });

    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toContain(problem);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(simulator.controls.journal()).toEqual([]);
  });

  it.each([
    [
      "a wrong secret",
      { PROXMOX_TOKEN_SECRET: "canary-b7e05d19-secret" },
      "does not accept the API token",
    ],
    ["a certificate of nobody's", { PROXMOX_CA_FILE: "" }, "is not trusted"],
    ["no cluster there", { PROXMOX_URL: "https://127.0.0.1:9" }, "No connection to Proxmox at"],
  ])("says what to do about %s", async (_, wrong, problem) => {
    const { env, folder, changes } = await startDemoCluster({ role: "admin", https: true });
    const lines = ["list containers", "shut down web-02"];

    const { exitCode, stdout } = await runProgram("main", lines, {
      env: { ...env, ...wrong },
      folder,
    });

    expect(exitCode).toBe(0);
    expect(stdout.split(problem)).toHaveLength(3);
    expect(changes()).toEqual([]);
  });

  it("shows its secrets to nobody, whatever fails", async () => {
    const { env, folder, simulator } = await startDemoCluster({ role: "admin" });
    const token = "canary-4c1d7e90-token";
    const secrets = { PROXMOX_TOKEN_SECRET: token, OPENAI_API_KEY: "canary-83ab20f5-key" };
    const model = { OPENAI_BASE_URL: "http://127.0.0.1:9/v1", OPENAI_MODEL: "none" };
    const echo = { kind: "answer", status: 500, reason: `no ${token}`, body: token } as const;
    simulator.controls.fault({ times: 100, action: echo });
    const lines = ["list containers", "shut down web-02", `is ${token} the key of web-02?`];

    const { stdout, stderr } = await runProgram("main", lines, {
      env: { ...env, ...secrets, ...model, LOG_LEVEL: "trace" },
      folder,
    });

    const kept = await contentsOf(folder);
    expect(kept).toContain("shut down web-02");
    expect(kept).toContain('"level":40');
    expect(kept).toMatch(/is \S+secret\S+ the key of web-02\?/);
    expect(stdout + stderr + kept).not.toContain("canary");
  });
});
