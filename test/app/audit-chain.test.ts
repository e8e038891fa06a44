import { sql } from "kysely";
import { expect, it, vi } from "vitest";
import { watchAuditChain } from "#src/app/audit-chain.ts";
import { createAuditLog } from "#src/audit/audit-log.ts";
import { silentLogger } from "#src/log.ts";
import { createOutboxStore } from "#src/outbox/outbox-store.ts";
import { clockAt } from "#test/support/clock.ts";
import { testDatabase } from "#test/support/database.ts";

async function setUp(entries: number) {
  const db = await testDatabase();
  const clock = clockAt("2026-11-24T12:00:00Z");
  const audit = createAuditLog(db, clock);
  const outbox = createOutboxStore(db, clock);
  const principal = { id: "bob", name: "Bob", role: "operator" };
  for (let index = 0; index < entries; index += 1) {
    await audit.append({
      actionId: "a",
      step: "started",
      tool: "t",
      input: {},
      target: {},
      principal,
    });
  }
  const log = { ...silentLogger, fatal: vi.fn(), info: vi.fn(), error: vi.fn() };
  const start = () => watchAuditChain({ audit, outbox, clock, log });
  const tamper = async () => {
    await sql`drop trigger audit_no_update`.execute(db);
    await sql`update audit set at = at + 1 where seq = 2`.execute(db);
  };
  return { db, clock, outbox, log, start, tamper, audit };
}

it("says nothing but in the log of an audit log that is as it was written", async () => {
  const { start, log, outbox } = await setUp(3);

  start();

  await expect.poll(() => log.info.mock.calls).toEqual([[{ entries: 3 }, expect.any(String)]]);
  expect(log.fatal).not.toHaveBeenCalled();
  expect(await outbox.claim()).toBeUndefined();
});

it("tells the channel of one that was changed, again at a start an hour later, not before", async () => {
  const { start, tamper, log, outbox, clock } = await setUp(3);
  await tamper();
  const broken = [{ brokenAt: 2 }, expect.any(String)];
  async function toTheEnd() {
    log.fatal.mockClear();
    const watch = start();
    await expect.poll(() => log.fatal.mock.calls).toEqual([broken]);
    await watch[Symbol.asyncDispose]();
  }

  await toTheEnd();
  await toTheEnd();
  const told = await outbox.claim();
  expect(told).toMatchObject({
    recipient: "channel",
    message: expect.stringContaining("entry 2 does not follow"),
  });
  await outbox.markSent(told?.key ?? "", "C1");
  expect(await outbox.claim()).toBeUndefined();

  clock.advance({ hours: 1 });
  await toTheEnd();
  expect(await outbox.claim()).toMatchObject({ recipient: "channel" });
});

it("lets go of the database when the program ends meanwhile, without a word", async () => {
  const { start, log } = await setUp(1001);

  await start()[Symbol.asyncDispose]();

  for (const write of [log.info, log.fatal, log.error]) expect(write).not.toHaveBeenCalled();
});

it("lets others have their turn while it reads", async () => {
  const { start, log } = await setUp(1001);

  start();
  await new Promise((resolve) => setImmediate(resolve));

  expect(log.info).not.toHaveBeenCalled();
  await expect.poll(() => log.info.mock.calls.length).toBe(1);
});
