import { sql } from "kysely";
import { expect, it } from "vitest";
import { type AuditEntry, createAuditLog } from "#src/audit/audit-log.ts";
import { aTarget } from "#test/support/actions.ts";
import { clockAt } from "#test/support/clock.ts";
import { describeOnEveryDatabase } from "#test/support/every-database.ts";

function anEntry(facts: Partial<AuditEntry> = {}): AuditEntry {
  return {
    actionId: "a1",
    step: "started",
    tool: "stop_guest",
    input: { guest: "test-runner" },
    target: { guest: aTarget() },
    principal: { id: "bob", name: "Bob", role: "operator" },
    ...facts,
  };
}

describeOnEveryDatabase("the audit log", ({ open, openTwice }) => {
  async function setUp(entries = 3) {
    const db = await open();
    const audit = createAuditLog(db, clockAt("2026-11-24T12:00:00Z"));
    for (let index = 0; index < entries; index += 1) {
      await audit.append(anEntry({ actionId: `a${index}` }));
    }
    return { db, audit };
  }

  it("is intact as it was written", async () => {
    const { audit } = await setUp();

    expect(await audit.verify()).toMatchObject({ ok: true, entries: 3 });
  });

  it("stays one chain when entries come at the same time, also from two processes", async () => {
    const clock = clockAt("2026-11-24T12:00:00Z");
    const [here, there] = await openTwice();
    const audit = createAuditLog(here, clock);
    const other = createAuditLog(there, clock);

    await Promise.all(
      Array.from({ length: 20 }, (_, index) => (index % 2 ? audit : other).append(anEntry())),
    );

    expect(await audit.verify()).toMatchObject({ ok: true, entries: 20 });
  });

  it("verifies more entries than it reads at a time", async () => {
    const { audit } = await setUp(1001);

    expect(await audit.verify()).toMatchObject({ ok: true, entries: 1001 });
  });

  it.each([
    [
      "an entry was changed",
      2,
      "update audit set entry = replace(entry, 'bob', 'eve') where seq = 2",
    ],
    ["a time was changed", 2, "update audit set at = at + 1 where seq = 2"],
    ["an entry was removed", 3, "delete from audit where seq = 2"],
    ["the first entry was removed", 2, "delete from audit where seq = 1"],
  ])("shows where the chain breaks when %s", async (_, brokenAt, tampering) => {
    const { db, audit } = await setUp();

    // The guards stay with the table that they were made for.
    await sql`create table copied as select * from audit`.execute(db);
    await sql`drop table audit`.execute(db);
    await sql`alter table copied rename to audit`.execute(db);
    await sql.raw(tampering).execute(db);

    expect(await audit.verify()).toMatchObject({ ok: false, brokenAt });
  });

  it.each(["update audit set at = 0", "delete from audit"])(
    "lets nobody %s who does not take its guard away first",
    async (statement) => {
      const { db, audit } = await setUp();

      await expect(sql.raw(statement).execute(db)).rejects.toThrow("append-only");
      expect(await audit.verify()).toMatchObject({ ok: true, entries: 3 });
    },
  );

  it("finds what a message has led to", async () => {
    const { audit } = await setUp(1);
    await audit.append(anEntry({ origin: "msg:T1:C1:17.1" }));
    await audit.append(anEntry({ origin: "msg:T1:C1:17.1", step: "succeeded" }));

    const found = await audit.ofOrigin("msg:T1:C1:17.1");

    expect(found.map(({ step }) => step)).toEqual(["started", "succeeded"]);
  });

  it("finds the latest entries, oldest first, and those of one guest", async () => {
    const { audit } = await setUp(3);
    await audit.append(anEntry({ actionId: "other", target: { guest: aTarget({ vmid: 110 }) } }));

    const latest = await audit.tail({ limit: 2 });
    expect(latest.map(({ actionId }) => actionId)).toEqual(["a2", "other"]);

    const ofGuest = await audit.tail({ limit: 10, vmid: 110 });
    expect(ofGuest.map(({ actionId, at }) => [actionId, at])).toEqual([
      ["other", Date.parse("2026-11-24T12:00:00Z")],
    ]);
  });
});
