import { expect, it } from "vitest";
import { isViolated, runKills } from "#test/kill/kill-run.ts";

it("deletes each guest once, whenever the two processes of the program are killed", async () => {
  const report = await runKills({ deletions: 6, rounds: 3, seed: 11, patience: 80 });

  expect({ isViolated: isViolated(report), ...report }).toMatchObject({
    isViolated: false,
    destroyedOnce: 6,
    wrong: 0,
    notDone: [],
    duplicates: 0,
    integrity: "ok",
  });
  expect(report.kills).toBeGreaterThan(2);
  expect(report.reused).toBe(2);
}, 120_000);
