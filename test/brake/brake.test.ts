import { rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Temporal } from "temporal-polyfill";
import { describe, expect, it } from "vitest";
import { createBrake } from "#src/brake/brake.ts";
import { braked, describeFrozen } from "#src/brake/braked.ts";
import { silentLogger as log } from "#src/log.ts";
import type { PolicyRequest } from "#src/policy/policy.ts";
import { clockAt } from "#test/support/clock.ts";
import { databaseFile, sqliteDatabases, testDatabase } from "#test/support/database.ts";
import { alice, bob } from "#test/support/people.ts";

const clock = clockAt("2026-11-24T12:00:00Z");
const frozenByBob = {
  by: "Bob",
  reason: "smoke in the rack",
  since: clock.now(),
  release: expect.stringContaining("npm run policy -- release"),
};

describe("the brake", () => {
  it("holds for all processes at once, until somebody releases it", async () => {
    const [here, there] = await sqliteDatabases();
    const mine = createBrake({ db: here, clock, log });
    const theirs = createBrake({ db: there, clock, log });
    expect(await theirs.state()).toBeUndefined();

    await mine.freeze(bob, "smoke in the rack");
    expect(await theirs.state()).toEqual(frozenByBob);

    expect(await theirs.release(alice)).toBeUndefined();
    expect(await mine.state()).toBeUndefined();
  });

  it("keeps who was first", async () => {
    const brake = createBrake({ db: await testDatabase(), clock, log });

    expect(await brake.freeze(bob, "smoke in the rack")).toBe(true);
    expect(await brake.freeze(alice, "me too")).toBe(false);

    expect(await brake.state()).toEqual(frozenByBob);
  });

  it("keeps a reason as one line of moderate length", async () => {
    const brake = createBrake({ db: await testDatabase(), clock, log });

    await brake.freeze(bob, `a\u001b[2J\nb ${"c".repeat(500)}`);

    expect((await brake.state())?.reason).toMatch(/^a \[2J b c{190,200}$/);
  });

  it("holds while its file is there, whatever is released", async () => {
    const file = join(dirname(databaseFile()), "FREEZE");
    const brake = createBrake({ db: await testDatabase(), file, clock, log });
    expect(await brake.state()).toBeUndefined();

    writeFileSync(file, "maintenance\nuntil noon");
    const frozen = {
      by: `the file ${file}`,
      reason: "maintenance",
      release: `Remove ${file} to release it.`,
    };
    expect(await brake.state()).toEqual(frozen);
    expect(await brake.release(bob)).toEqual(frozen);

    rmSync(file);
    expect(await brake.state()).toBeUndefined();
  });

  it("holds where its file cannot be looked at", async () => {
    // A folder is no file that could be read.
    const file = dirname(databaseFile());
    const brake = createBrake({ db: await testDatabase(), file, clock, log });

    expect(await brake.state()).toMatchObject({ by: `the file ${file}` });
    const endless = createBrake({ db: await testDatabase(), file: "/dev/zero", clock, log });
    expect(await endless.state()).toMatchObject({ reason: "it is larger than 4096 KiB" });
  });
});

describe("a braked policy", () => {
  const request = (effect: PolicyRequest["effect"], tool = "start_guest"): PolicyRequest => ({
    ...{ tool, effect, target: {}, principal: bob, targets: 1 },
    now: Temporal.Instant.from("2026-11-24T12:00:00Z"),
  });
  const frozen = { by: "Bob", reason: "smoke", release: "Ask him." };
  const generous = { evaluate: () => ({ kind: "allow" }) as const };

  it("denies every change but cancelling deletions while frozen, and says by whom and what to do", async () => {
    const policy = braked(generous, { state: async () => frozen });

    for (const effect of ["reversible", "disruptive", "destructive"] as const) {
      expect(await policy.evaluate(request(effect))).toEqual({
        kind: "deny",
        reason: "Every change is stopped by Bob (smoke). Ask him.",
      });
    }
    expect(await policy.evaluate(request("read"))).toEqual({ kind: "allow" });
    const cancelling = request("reversible", "cancel_deletion");
    expect(await policy.evaluate(cancelling)).toEqual({ kind: "allow" });
  });

  it("lets what is exempt go on", async () => {
    const isExempt = ({ tool }: PolicyRequest) => tool === "finish";
    const policy = braked(generous, { state: async () => frozen }, isExempt);

    expect((await policy.evaluate(request("reversible", "finish"))).kind).toBe("allow");
    expect((await policy.evaluate(request("reversible", "start"))).kind).toBe("deny");
  });

  it("decides as it would while nothing is frozen", async () => {
    const policy = braked(generous, { state: async () => undefined });

    expect(await policy.evaluate(request("destructive"))).toEqual({ kind: "allow" });
  });

  it("decides nothing where nobody knows", async () => {
    const policy = braked(generous, { state: () => Promise.reject(new Error("no database")) });

    await expect(policy.evaluate(request("reversible"))).rejects.toThrow("no database");
  });

  it("says since when, where that is known", () => {
    const since = Temporal.Instant.from("2026-11-24T12:34:56Z");

    expect(describeFrozen({ ...frozen, since, reason: "" })).toBe(
      "Every change is stopped by Bob since 2026-11-24T12:34Z. Ask him.",
    );
  });
});
