import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { mutants } from "./mutants.ts";

const run = promisify(execFile);

it("the simulation notices each protection that is taken out, and no other", async () => {
  const { stdout } = await run(process.execPath, ["test/sim/mutations.ts"]).catch(
    (failed: { stdout: string }) => failed,
  );

  const summary = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Record<string, unknown>;
  expect(summary, stdout).toMatchObject({
    mutants: mutants.length,
    survivors: [],
    falseAlarms: 0,
  });
}, 300_000);
