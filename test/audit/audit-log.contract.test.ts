import { sql } from "kysely";
import { expect, it } from "vitest";
import { type AuditEntry, createAuditLog } from "#src/audit/audit-log.ts";
import type { AuditQuery } from "#src/audit/audit-search.ts";
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

  it("admits no more than are to be, however many come at once from two processes", async () => {
    const clock = clockAt("2026-11-24T12:00:00Z");
    const logs = (await openTwice()).map((db) => createAuditLog(db, clock));

    const written = await Promise.all(
      Array.from({ length: 12 }, (_, index) => {
        const audit = logs[index % 2] ?? expect.fail();
        return audit.append(anEntry(), async () => (await audit.tail({ limit: 9 })).length < 3);
      }),
    );

    expect(written.filter(Boolean)).toHaveLength(3);
    expect(await logs[0]?.verify()).toMatchObject({ ok: true, entries: 3 });
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
    ["an entry was hidden from searches", 2, "update audit set person = 'eve' where seq = 2"],
    ["an entry is none any more", 3, "update audit set entry = '' where seq = 3"],
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

  it("gives up a verification that nobody waits for any more", async () => {
    const { audit } = await setUp(1);

    await expect(audit.verify(AbortSignal.abort())).rejects.toThrow("aborted");
  });

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

  /** Alice asks for a deletion of 103 and confirms it, bob stops 110 a day later. */
  async function setUpSearch() {
    const clock = clockAt("2026-11-23T12:00:00Z");
    const audit = createAuditLog(await open(), clock);
    const principal = { id: "U1", name: "Alice A", role: "admin" };
    const asked = anEntry({ actionId: "deletion", tool: "schedule_deletion", principal });
    await audit.append({ ...asked, step: "confirmation-requested" });
    await audit.append({ ...asked, approver: { id: "U2", name: "Carol" } });
    clock.advance({ hours: 24 });
    const target = { guest: aTarget({ vmid: 110, name: "Stag_ing" }) };
    await audit.append(anEntry({ actionId: "stop", target }));
    const guests = [aTarget({ vmid: 103 }), aTarget({ vmid: 210, name: "old" })];
    const deletions = guests.map((guest) => ({
      id: `d${guest.vmid}`,
      requestedBy: "bob",
      dueAt: "2026-11-27T17:00:00Z",
      guest,
    }));
    await audit.append(anEntry({ actionId: "several", target: { deletions } }));
    const found = async (query: Omit<AuditQuery, "limit">) => {
      const { records } = await audit.find({ limit: 10, ...query });
      return [...new Set(records.map(({ actionId }) => actionId))];
    };
    return { audit, found };
  }

  it("finds entries by guest, also by one of several, whatever it is called by now", async () => {
    const { found } = await setUpSearch();

    expect(await found({ guest: 103 })).toEqual(["deletion", "several"]);
    expect(await found({ guest: "test-runner" })).toEqual(["deletion", "several"]);
    expect(await found({ guest: "OLD" })).toEqual(["several"]);
    expect(await found({ guest: 210 })).toEqual(["several"]);
    expect(await found({ guest: "stag_ing" })).toEqual(["stop"]);
    expect(await found({ guest: "_ld" })).toEqual([]);
    expect(await found({ guest: 10 })).toEqual([]);
  });

  it("finds entries by whoever asked or answered, by id or by name", async () => {
    const { found } = await setUpSearch();

    expect(await found({ person: "u1" })).toEqual(["deletion"]);
    expect(await found({ person: "alice a" })).toEqual(["deletion"]);
    expect(await found({ person: "U2" })).toEqual(["deletion"]);
    expect(await found({ person: "carol" })).toEqual(["deletion"]);
    expect(await found({ person: "bob" })).toEqual(["stop", "several"]);
  });

  it("finds entries by tool and by time, and all of them by nothing", async () => {
    const { found } = await setUpSearch();
    const noon = Date.parse("2026-11-24T12:00:00Z");

    expect(await found({ tools: ["schedule_deletion", "delete_guest"] })).toEqual(["deletion"]);
    expect(await found({ since: noon })).toEqual(["stop", "several"]);
    expect(await found({ until: noon })).toEqual(["deletion"]);
    expect(await found({})).toEqual(["deletion", "stop", "several"]);
    expect(await found({ person: "bob", guest: 103, since: noon })).toEqual(["several"]);
  });

  it("finds the latest of too many, oldest first, and says that there are more", async () => {
    const { audit } = await setUpSearch();

    const few = await audit.find({ limit: 2 });
    expect(few.records.map(({ seq }) => seq)).toEqual([3, 4]);
    expect(few.more).toBe(true);
    expect(await audit.find({ limit: 4 })).toMatchObject({ more: false });
  });

  it("reads the chain of a time without a gap, even when the clock went back", async () => {
    const clock = clockAt("2026-11-23T12:00:00Z");
    const audit = createAuditLog(await open(), clock);
    for (const hours of [0, 24, -48, 72]) {
      clock.advance({ hours });
      await audit.append(anEntry());
    }
    const seqs = async (span: Parameters<typeof audit.links>[0]) =>
      (await Array.fromAsync(audit.links(span))).map(({ seq }) => seq);

    expect(await seqs({})).toEqual([1, 2, 3, 4]);
    expect(await seqs({ since: Date.parse("2026-11-23T13:00:00Z") })).toEqual([2, 3, 4]);
    expect(await seqs({ until: Date.parse("2026-11-23T13:00:00Z") })).toEqual([1, 2, 3]);
    expect(await seqs({ since: Date.parse("2026-12-23T12:00:00Z") })).toEqual([]);
  });
});
