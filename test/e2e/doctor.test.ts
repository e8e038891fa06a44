import { execFile } from "node:child_process";
import { describe, expect, it } from "vitest";
import type { Finding } from "#src/commands/doctor/finding.ts";
import { environmentOf, grantToken, temporaryFolder } from "#test/support/doctor.ts";
import { startSimulator } from "#test/support/simulator.ts";

/** Runs the real command in an environment of its own. */
function runDoctor(env: Readonly<Record<string, string>>, ...args: readonly string[]) {
  const program = ["src/commands/doctor.ts", ...args];
  const own = { DATABASE_PATH: `${temporaryFolder()}/agent.db`, ...env };
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const child = execFile(process.execPath, program, { env: own }, (_, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr });
    });
  });
}

describe("npm run doctor", () => {
  it("finds the sandbox well, line by line, and exits with 0", async () => {
    const { code, stdout, stderr } = await runDoctor({});

    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("ok       guests: 19 guests are seen.\n");
    expect(stdout).toMatch(/\n\n0 failures, 0 warnings\.\n$/);
  });

  it("says what mends a failure, exits with 1, and shows no secret", async () => {
    await using simulator = await startSimulator();
    grantToken(simulator, {});
    const env = environmentOf(simulator);

    const { code, stdout, stderr } = await runDoctor(env);

    expect(code).toBe(1);
    expect(stdout).toMatch(/^failure {2}privileges: The token agent@pve!main is accepted but/m);
    expect(stdout).toContain("         pveum acl modify / --roles AssistRead --users 'agent@pve'");
    expect(stdout).toMatch(/\n1 failure, 1 warning\.\n$/);
    expect(stdout + stderr).not.toContain(env.PROXMOX_TOKEN_SECRET);
  });

  it("prints one JSON object and nothing else with --json", async () => {
    await using simulator = await startSimulator();
    const env = environmentOf(simulator);

    const { code, stdout } = await runDoctor(env, "--json");
    const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: Finding[] };

    expect({ code, ok }).toEqual({ code: 1, ok: false });
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

    const { code, stdout, stderr } = await runDoctor(env, "--role", "--pool", "lab");

    expect(code).toBe(0);
    expect(stdout.split("\n").filter((line) => !/^(# .*|pveum .*|)$/.test(line))).toEqual([]);
    expect(stdout).toContain("acl modify /pool/lab ");
    expect(stderr).toMatch(/^failure {2}privileges: cluster: Sys\.Audit is missing on \//m);
    expect(stderr).toContain("- Sys.Modify on /: changes the nodes' and the cluster's");
    expect(stdout + stderr).not.toContain(env.PROXMOX_TOKEN_SECRET);
  });

  it.each([["--role", "--pool", "a; rm -rf /"], ["--role", "--pve", "7"], ["--jsn"]])(
    "answers wrong usage with 2: %s %s %s",
    async (...args) => {
      const { code, stdout, stderr } = await runDoctor({}, ...args);

      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toContain(args.at(-1));
    },
  );
});
