import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { createAuditLog } from "#src/audit/audit-log.ts";
import { createBrake } from "#src/brake/brake.ts";
import { createBrakeLever, nothingFrozen } from "#src/brake/brake-lever.ts";
import { silentLogger as log } from "#src/log.ts";
import { defaultRoles } from "#src/policy/roles.ts";
import { clockAt } from "#test/support/clock.ts";
import { databaseFile, testDatabase } from "#test/support/database.ts";
import { alice, bob, carol } from "#test/support/people.ts";

async function setUp({ file }: { readonly file?: string } = {}) {
  const db = await testDatabase();
  const clock = clockAt("2026-11-24T12:00:00Z");
  const audit = createAuditLog(db, clock);
  const brake = createBrake({ db, file, clock, log });
  const deps = { brake, audit, log, roles: () => defaultRoles };
  const entries = async () =>
    (await audit.tail({ limit: 9 })).map(({ tool, step }) => `${tool} ${step}`);
  return { audit, brake, deps, entries, lever: createBrakeLever(deps) };
}

describe("the brake in people's hands", () => {
  it("is pulled at once by whoever may change anything, with who and why in the audit log", async () => {
    const { audit, brake, lever } = await setUp();

    expect(await lever.freeze({ by: bob, origin: "act:1" }, "smoke\nin the rack")).toMatch(
      /^Every change is stopped by Bob since 2026-11-24T12:00Z \(smoke in the rack\)\./,
    );

    expect(await brake.state()).toMatchObject({ by: "Bob", reason: "smoke in the rack" });
    expect(await audit.tail({ limit: 9 })).toMatchObject([
      {
        tool: "freeze_changes",
        step: "succeeded",
        principal: { id: "bob", name: "Bob", role: "operator" },
        message: "smoke in the rack",
        origin: "act:1",
        at: Date.parse("2026-11-24T12:00:00Z"),
      },
    ]);
  });

  it("is not pulled by whoever may only read", async () => {
    const { brake, lever, entries } = await setUp();

    expect(await lever.freeze({ by: carol }, "")).toBe(
      "Carol has the role viewer, which may not do this (freeze_changes). The role operator or admin may.",
    );

    expect(await brake.state()).toBeUndefined();
    expect(await entries()).toEqual(["freeze_changes denied"]);
  });

  it("is released by an admin only", async () => {
    const { brake, lever, entries } = await setUp();
    await lever.freeze({ by: bob }, "smoke");

    expect(await lever.release({ by: bob })).toContain("The role admin may.");
    expect(await brake.state()).toBeDefined();

    expect(await lever.release({ by: alice })).toBe(nothingFrozen);
    expect(await brake.state()).toBeUndefined();
    expect(await entries()).toEqual([
      "freeze_changes succeeded",
      "release_changes denied",
      "release_changes started",
      "release_changes succeeded",
    ]);
  });

  it("keeps who was first, and says so", async () => {
    const { lever, entries } = await setUp();
    await lever.freeze({ by: bob }, "smoke");

    expect(await lever.freeze({ by: alice }, "me too")).toContain("stopped by Bob");
    expect(await entries()).toEqual(["freeze_changes succeeded", "freeze_changes unchanged"]);
  });

  it("says what still holds after a release", async () => {
    const file = join(dirname(databaseFile()), "FREEZE");
    writeFileSync(file, "maintenance");
    const { lever, entries } = await setUp({ file });

    expect(await lever.release({ by: alice })).toContain(`Remove ${file} to release it.`);
    expect(await entries()).toEqual(["release_changes started", "release_changes failed"]);
  });

  it("records no release of nothing", async () => {
    const { lever, entries } = await setUp();

    expect(await lever.release({ by: alice })).toBe(nothingFrozen);
    expect(await entries()).toEqual([]);
  });

  it("stops everything also where the audit log cannot be written, and releases nothing then", async () => {
    const { brake, deps } = await setUp();
    const audit = { append: () => Promise.reject(new Error("disk full")) };
    const lever = createBrakeLever({ ...deps, audit });

    expect(await lever.freeze({ by: bob }, "smoke")).toContain("stopped by Bob");
    await expect(lever.release({ by: alice })).rejects.toThrow("disk full");
    expect(await brake.state()).toBeDefined();
  });

  it("asks nobody's role where whoever gets there may", async () => {
    const { brake, deps } = await setUp();
    const lever = createBrakeLever({ ...deps, roles: undefined });

    await lever.freeze({ by: { id: "SIGUSR2", name: "the signal", role: "host" } }, "");

    expect(await brake.state()).toMatchObject({ by: "the signal" });
  });
});
