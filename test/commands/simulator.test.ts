import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";

function simulator(...options: string[]) {
  return spawn(process.execPath, ["src/commands/simulator.ts", ...options], { stdio: "pipe" });
}

it("prints what a configuration needs, and runs until it is told to stop", async () => {
  const child = simulator("--port", "0");
  const closed = once(child, "close");
  const [printed] = await once(child.stdout, "data");
  const setting = (name: string) => new RegExp(`^${name}=(.+)$`, "m").exec(String(printed))?.[1];
  const token = `${setting("PROXMOX_TOKEN_ID")}=${setting("PROXMOX_TOKEN_SECRET")}`;

  const response = await fetch(`${setting("PROXMOX_URL")}/api2/json/cluster/resources?type=vm`, {
    headers: { authorization: `PVEAPIToken=${token}` },
  });
  expect(((await response.json()) as { data: unknown[] }).data).toHaveLength(19);

  child.kill("SIGTERM");
  expect(await closed).toEqual([0, null]);
});

it.each([
  [["--port", "http"], 2, "Expected a port"],
  [["--seed", "none.json"], 1, "none.json"],
])("says what is wrong with %j", async (options, exitCode, problem) => {
  const child = simulator(...options);
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, "close")]);

  expect(code).toBe(exitCode);
  expect(said).toContain(problem);
  expect(said).not.toContain("    at ");
});
