import { rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { createAuditLog } from "#src/audit/audit-log.ts";
import { createBrake } from "#src/brake/brake.ts";
import { watchBrakeFile } from "#src/brake/brake-file.ts";
import { silentLogger as log } from "#src/log.ts";
import { clockAt } from "#test/support/clock.ts";
import { databaseFile, testDatabase } from "#test/support/database.ts";
import { bob } from "#test/support/people.ts";

async function setUp() {
  const file = join(dirname(databaseFile()), "FREEZE");
  const db = await testDatabase();
  const clock = clockAt("2026-11-24T12:00:00Z");
  const audit = createAuditLog(db, clock);
  const brake = createBrake({ db, file, clock, log });
  const entries = async () =>
    (await audit.tail({ limit: 9 })).map(({ tool, step, message }) => ({ tool, step, message }));
  return { file, audit, brake, entries, watch: () => watchBrakeFile({ file, brake, audit }) };
}

it("records that the file came and went, once each, over restarts and in every process", async () => {
  const { file, audit, entries, watch } = await setUp();
  const [here, there] = [watch(), watch()];
  await here.look();
  expect(await entries()).toEqual([]);

  writeFileSync(file, "maintenance\n");
  for (const one of [here, here, there, watch()]) await one.look();
  const came = { tool: "freeze_changes", step: "succeeded", message: "maintenance" };
  expect(await entries()).toEqual([came]);
  expect((await audit.tail({ limit: 1 }))[0]?.principal.name).toBe(`the file ${file}`);

  rmSync(file);
  for (const one of [here, there, watch()]) await one.look();
  const message = `The file ${file} was removed.`;
  const went = { tool: "release_changes", step: "succeeded", message };
  expect(await entries()).toEqual([came, went]);
});

it("does not say that changes go on where somebody has stopped them as well", async () => {
  const { file, brake, entries, watch } = await setUp();
  writeFileSync(file, "");
  const watching = watch();
  await watching.look();
  await brake.freeze(bob, "smoke");

  rmSync(file);
  await watching.look();

  expect((await entries()).at(-1)).toMatchObject({ tool: "release_changes", step: "unchanged" });
});
