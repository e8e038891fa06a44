import { Temporal } from "temporal-polyfill";
import { expect, it } from "vitest";
import { createConfirmationStore } from "#src/actions/confirmation-store.ts";
import { createSessionStore } from "#src/agent/session-store.ts";
import { createAuditLog } from "#src/audit/audit-log.ts";
import type { NewDeletion } from "#src/deletions/deletion.ts";
import type { DeletionChange } from "#src/deletions/deletion-row.ts";
import { createOutboxStore } from "#src/outbox/outbox-store.ts";
import { createEngagedThreads } from "#src/slack/threads.ts";
import { forgetOld } from "#src/storage/retention.ts";
import { aTarget } from "#test/support/actions.ts";
import { clockAt } from "#test/support/clock.ts";
import { aNewDeletion, anEmptySchedule, changeAs } from "#test/support/deletions.ts";
import { describeOnEveryDatabase } from "#test/support/every-database.ts";

const old = Temporal.Instant.from("2026-08-01T12:00:00Z");
const before = Date.parse("2026-09-01T12:00:00Z");

describeOnEveryDatabase("forgetting what is old", ({ open }) => {
  async function setUp() {
    const db = await open();
    const clock = clockAt(old.toString());
    const deletions = await anEmptySchedule(clock, db);
    const outbox = createOutboxStore(db, clock);
    const sessions = createSessionStore({ db, clock });
    const threads = createEngagedThreads(db, clock, "T1");
    const confirmations = createConfirmationStore(db, clock);
    const later = () => clock.advance({ hours: 60 * 24 });

    let vmid = 200;
    async function deletion(change: DeletionChange, facts: Partial<NewDeletion> = {}) {
      vmid += 1;
      const guest = { ...aNewDeletion().guest, vmid, fingerprint: `fp-${vmid}` };
      const planned = await deletions.schedule(aNewDeletion({ guest, dueAt: old, ...facts }));
      const { id } = planned ?? expect.fail();
      await changeAs(deletions, { id }, { nextAt: null, ...change });
      return id;
    }
    async function notice(key: string, about?: string) {
      const answerable = about === undefined ? undefined : { deletion: about, revision: 1 };
      await outbox.add({ key, recipient: "channel", message: "news", about: answerable });
      await outbox.markSent(key, "C1/1");
    }
    const left = async (table: "outbox" | "confirmation" | "session_item" | "slack_thread") =>
      (await db.selectFrom(table).selectAll().execute()).length;
    return {
      db,
      clock,
      deletions,
      outbox,
      sessions,
      threads,
      confirmations,
      later,
      deletion,
      notice,
      left,
    };
  }

  it("forgets deletions with nothing left to do, and keeps those with a backup", async () => {
    const { db, deletions, deletion } = await setUp();
    const gone = { eventGone: true } as const;
    const backup = { storage: "backup", volume: "backup:1" };
    const event = { etag: "1", startsAt: old };
    const forgotten = [
      await deletion({ ...gone, state: "done" }),
      await deletion({ state: "cancelled" }),
      await deletion({ ...gone, state: "failed", event }),
    ];
    const keeps = [
      await deletion({ ...gone, state: "done", backup }),
      await deletion({ state: "held" }),
      await deletion({ state: "cancelled", nextAt: old }),
      await deletion({ state: "cancelled", event }),
      await deletion({ state: "cancelled" }, { dueAt: old.add({ hours: 40 * 24 }) }),
    ];

    await forgetOld(db, before);

    const found = await Promise.all([...forgotten, ...keeps].map((id) => deletions.find(id)));
    expect(found.map((row) => row !== undefined)).toEqual([
      ...forgotten.map(() => false),
      ...keeps.map(() => true),
    ]);
  });

  it("forgets what was said, but not of a deletion that is still open, nor what is unsaid", async () => {
    const { db, deletion, notice, outbox, later, left } = await setUp();
    const held = await deletion({ state: "held" });
    const done = await deletion({ state: "done" });
    await notice(`${held}:1:remind:channel`, held);
    await notice(`${done}:1:remind:channel`, done);
    await notice("audit:1");
    await outbox.add({ key: "unsaid", recipient: "channel", message: "news" });
    later();
    await notice("audit:2");

    await forgetOld(db, before);

    expect(await left("outbox")).toBe(3);
    expect(await outbox.countSent([`${held}:1:remind:channel`, "audit:2"])).toBe(2);
  });

  it("forgets whole conversations, and threads that have none", async () => {
    const { db, sessions, threads, later, left } = await setUp();
    const say = (conversation: string) =>
      sessions.append(conversation, [{ type: "user", text: "hello" }]);
    await say("slack:T1/C1/1.1");
    await say("slack:T1/C1/2.2");
    for (const threadTs of ["1.1", "2.2"]) await threads.engage({ channel: "C1", threadTs });
    later();
    await say("slack:T1/C1/2.2");

    await forgetOld(db, before);

    expect(await left("session_item")).toBe(2);
    expect(await threads.isEngaged({ channel: "C1", threadTs: "1.1" })).toBe(false);
    expect(await threads.isEngaged({ channel: "C1", threadTs: "2.2" })).toBe(true);
  });

  it("forgets questions, and nothing of the audit log", async () => {
    const { db, clock, confirmations, later, left } = await setUp();
    const audit = createAuditLog(db, clock);
    const call = { tool: "stop_guest", input: {} };
    const requestedBy = { id: "bob", name: "Bob", role: "operator" };
    const ask = (hash: string) =>
      confirmations.add({
        ...{ call, hash, requestedBy, reasons: [] },
        target: { guest: aTarget() },
        summary: "Stop it.",
        conversation: hash,
        requestedAt: clock.now().epochMilliseconds,
        by: "requester",
      });
    await ask("old");
    await audit.append({
      ...call,
      actionId: "1",
      step: "started",
      target: {},
      principal: requestedBy,
    });
    later();
    const { id } = await ask("new");

    await forgetOld(db, before);

    expect(await left("confirmation")).toBe(1);
    expect(await confirmations.find(id)).toBeDefined();
    expect(await audit.verify()).toMatchObject({ ok: true, entries: 1 });
  });
});
