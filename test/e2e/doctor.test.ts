import { describe, expect, it } from "vitest";
import type { Finding } from "#src/commands/doctor/finding.ts";
import { runHere } from "#test/support/command-here.ts";
import { environmentOf, grantToken, temporaryFolder } from "#test/support/doctor.ts";
import { runProgram } from "#test/support/program.ts";
import { startSimulator } from "#test/support/simulator.ts";

type Env = Readonly<Record<string, string>>;

const startOf = (env: Env, args: readonly string[]) => ({
  args,
  env: { DATABASE_PATH: `${temporaryFolder()}/agent.db`, ...env },
});

/** Runs the command in an environment of its own. */
function runDoctor(env: Env, ...args: readonly string[]) {
  return runHere("doctor", [], startOf(env, args));
}

describe("npm run doctor", () => {
  it("finds the sandbox well, line by line, and exits with 0", async () => {
    const { exitCode, stdout, stderr } = await runProgram("doctor", [], startOf({}, []));

    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toContain("ok       guests: 19 guests are seen.\n");
    expect(stdout).toMatch(/\n\n0 failures, 0 warnings\.\n$/);
  });

  it("says what mends a failure, exits with 1, and shows no secret", async () => {
    await using simulator = await startSimulator();
    grantToken(simulator, {});
    const env = environmentOf(simulator);

    const { exitCode, stdout, stderr } = await runDoctor(env);

    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^failure {2}privileges: The token agent@pve!main is accepted but/m);
    expect(stdout).toContain("         pveum acl modify / --roles AssistRead --users 'agent@pve'");
    expect(stdout).toMatch(/\n1 failure, 1 warning\.\n$/);
    expect(stdout + stderr).not.toContain(env.PROXMOX_TOKEN_SECRET);
  });

  it("prints one JSON object and nothing else with --json", async () => {
    await using simulator = await startSimulator();
    const env = environmentOf(simulator);

    const { exitCode, stdout } = await runDoctor(env, "--json");
    const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: Finding[] };

    expect({ exitCode, ok }).toEqual({ exitCode: 1, ok: false });
    expect(findings.find(({ level }) => level === "failure")).toMatchObject({
      about: "proxmox",
      message: expect.stringContaining("does not accept the API token"),
    });
    expect(stdout.trim().split("\n")).toHaveLength(1);
    expect(stdout).not.toContain(env.PROXMOX_TOKEN_SECRET);
  });

  it("prints with --role what a shell takes, and to a person how the token compares", async () => {
    await using simulator = await startSimulator();
    grantToken(simulator, { "/": "VM.Audit Sys.Modify" });
    const env = environmentOf(simulator);

    const { exitCode, stdout, stderr } = await runDoctor(env, "--role", "--pool", "lab");

    expect(exitCode).toBe(0);
    expect(stdout.split("\n").filter((line) => !/^(# .*|pveum .*|)$/.test(line))).toEqual([]);
    expect(stdout).toContain("acl modify /pool/lab ");
    expect(stderr).toMatch(/^failure {2}privileges: cluster: Sys\.Audit is missing on \//m);
    expect(stderr).toContain("- Sys.Modify on /: changes the nodes' and the cluster's");
    expect(stdout + stderr).not.toContain(env.PROXMOX_TOKEN_SECRET);
  });

  it.each([["--role", "--pool", "a; rm -rf /"], ["--role", "--pve", "7"], ["--jsn"]])(
    "answers wrong usage with 2: %s %s %s",
    async (...args) => {
      const { exitCode, stdout, stderr } = await runDoctor({}, ...args);

      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
      expect(stderr).toContain(args.at(-1));
    },
  );
});
