import { expect, it } from "vitest";
import { type AuditEntry, createAuditLog } from "#src/audit/audit-log.ts";
import { createAuditReporter } from "#src/outbox/audit-reporter.ts";
import { createOutboxStore } from "#src/outbox/outbox-store.ts";
import { aTarget } from "#test/support/actions.ts";
import { clockAt } from "#test/support/clock.ts";
import { describeOnEveryDatabase } from "#test/support/every-database.ts";

const entry: AuditEntry = {
  actionId: "a1",
  step: "succeeded",
  tool: "stop_guest",
  input: {},
  target: { guest: aTarget() },
  principal: { id: "bob", name: "Bob", role: "operator" },
};

describeOnEveryDatabase("what the channel hears", ({ openTwice }) => {
  it("is told by one of two processes, from where the other ended", async () => {
    const clock = clockAt("2026-11-24T12:00:00Z");
    const [here, there] = await openTwice();
    const audit = createAuditLog(here, clock);
    const reporter = (db: typeof here) =>
      createAuditReporter({ db, audit, outbox: createOutboxStore(db, clock), timeZone: "UTC" });
    await reporter(here).report();

    for (let round = 1; round <= 3; round += 1) {
      await audit.append(entry);
      await Promise.all([reporter(here).report(), reporter(there).report()]);
    }

    const { position } = await here
      .selectFrom("cursor")
      .select("position")
      .executeTakeFirstOrThrow();
    expect(position).toBe(3);
    const keys = await here.selectFrom("outbox").select("key").orderBy("key").execute();
    expect(keys).toEqual([{ key: "audit:1" }, { key: "audit:2" }, { key: "audit:3" }]);
  });
});
