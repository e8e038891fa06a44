import { readdir } from "node:fs/promises";
import { expect, it } from "vitest";
import { runProgram, testFolder } from "#test/support/program.ts";

it("leads through the program, and leaves nothing behind", async () => {
  const folder = await testFolder();
  const env = { DATABASE_PATH: "elsewhere.db", PROXMOX_URL: "https://127.0.0.1:9" };

  const { exitCode, stdout, stderr } = await runProgram("demo", [], {
    args: ["--fast"],
    folder,
    env,
  });

  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  for (const shown of [
    "web-02",
    "Which one",
    "viewer",
    "protected",
    "[y/N]",
    "moved in the calendar",
  ]) {
    expect(stdout).toContain(shown);
  }
  expect(stdout).toMatch(/test-runner \(CT 103 on pve1\) was deleted \(UPID:.*vzdestroy:103/);
  expect(stdout).toContain("vzrestore:103");
  expect(stdout).toContain("The audit log is intact");
  expect(await readdir(folder)).toEqual([]);
});
