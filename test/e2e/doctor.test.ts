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

  it("answers wrong usage with 2", async () => {
    const { code, stderr } = await runDoctor({}, "--jsn");

    expect(code).toBe(2);
    expect(stderr).toContain("--jsn");
  });
});
