import { describe, expect, it, onTestFinished } from "vitest";
import { createAuditLog } from "#src/audit/audit-log.ts";
import { openNotices, type TerminalNotice } from "#src/chat/notices.ts";
import { silentLogger } from "#src/log.ts";
import { createOutboxStore } from "#src/outbox/outbox-store.ts";
import { createPrincipals } from "#src/policy/principal.ts";
import { aTarget } from "#test/support/actions.ts";
import { clockAt } from "#test/support/clock.ts";
import { testDatabase } from "#test/support/database.ts";
import { aNewDeletion, anEmptySchedule } from "#test/support/deletions.ts";
import { alice, bob } from "#test/support/people.ts";

async function setUp() {
  const db = await testDatabase();
  const clock = clockAt("2026-11-24T12:00:00Z");
  const audit = createAuditLog(db, clock);
  const deletions = await anEmptySchedule(clock, db);
  const outbox = createOutboxStore(db, clock);
  const principals = createPrincipals([alice, bob], { role: "nobody", timeZone: "UTC" });
  async function tail(options: Parameters<typeof audit.tail>[0]) {
    await new Promise(setImmediate);
    return audit.tail(options);
  }
  const log = { audit: { after: audit.after, tail }, log: silentLogger };
  const services = { db, clock, ...log, deletions, principals };

  const shown: TerminalNotice[] = [];
  const terminal = { isThere: true };
  async function open() {
    const notices = await openNotices(
      { ...services, timeZone: "Europe/Berlin" },
      async (notice) => {
        if (terminal.isThere) shown.push(notice);
        return terminal.isThere;
      },
    );
    onTestFinished(() => notices.stop());
    return notices;
  }
  const stateOf = async (key: string) => (await outbox.countSent([key])) === 1;
  return { audit, clock, deletions, outbox, shown, terminal, open, isSent: stateOf };
}

describe("the notices at a terminal", () => {
  it("are for whoever is there, whomever they were written for", async () => {
    const { outbox, shown, open, isSent } = await setUp();
    for (const recipient of ["channel", "user:bob", "user:U999"]) {
      await outbox.add({ key: recipient, recipient, message: `To ${recipient}.` });
    }

    await (await open()).sayDue();

    expect(shown.map(({ addressee, message }) => [addressee?.name, message])).toEqual([
      [undefined, "To channel."],
      ["Bob", "To user:bob."],
      ["U999", "To user:U999."],
    ]);
    expect(await isSent("user:U999")).toBe(true);
  });

  it("tell of what the audit log says from now on, once", async () => {
    const { audit, shown, open } = await setUp();
    const entry = {
      actionId: "a1",
      step: "succeeded",
      tool: "stop_guest",
      input: {},
      target: { guest: aTarget() },
      principal: bob,
    } as const;
    await audit.append(entry);
    const notices = await open();
    await audit.append({ ...entry, actionId: "a2" });

    await notices.sayDue();
    await notices.sayDue();

    expect(shown).toMatchObject([
      {
        recipient: "channel",
        message: "The power of test-runner (CT 103 on pve1) was cut by Bob.",
      },
    ]);
  });

  it("come by themselves", async () => {
    const { outbox, shown, open } = await setUp();
    await outbox.add({ key: "a", recipient: "channel", message: "Hear, hear." });

    await open();

    await expect.poll(() => shown, { interval: 5 }).toHaveLength(1);
  });

  it("say how to answer what can be answered", async () => {
    const { deletions, outbox, shown, open } = await setUp();
    const scheduled = await deletions.schedule(aNewDeletion());
    const about = scheduled && { deletion: scheduled.id, revision: scheduled.revision };
    await outbox.add({ key: "a", recipient: "channel", message: "It is on hold.", about });
    const unknown = { deletion: "gone", revision: 1 };
    await outbox.add({ key: "b", recipient: "channel", message: "So what.", about: unknown });
    const leased = { ...aNewDeletion().guest, vmid: 104 };
    const end = await deletions.schedule(
      aNewDeletion({ guest: leased, confirmedBy: undefined, ofLease: true }),
    );
    const ending = end && { deletion: end.id, revision: end.revision };
    await outbox.add({ key: "c", recipient: "channel", message: "It ends.", about: ending });

    await (await open()).sayDue();

    expect(shown.map(({ answer }) => answer)).toEqual([
      `To answer, say "cancel the deletion of 103" or "move the deletion of 103 to …".`,
      undefined,
      `To answer, say "extend the lease of 104 by …", "keep 104" or "delete 104 at …".`,
    ]);
  });

  it("say that they repeat what was just said to somebody else", async () => {
    const { clock, outbox, shown, open } = await setUp();
    const add = (key: string, message: string) =>
      outbox.add({ key, recipient: `user:${key}`, message });
    await add("a", "It will go.");
    clock.advance({ milliseconds: 999 });
    await add("b", "It will go.");
    await add("c", "It is gone.");
    clock.advance({ seconds: 1 });
    await add("d", "It is gone.");

    await (await open()).sayDue();

    expect(shown.map(({ repeats }) => repeats)).toEqual([false, true, false, false]);
  });

  it("wait for somebody to be there again", async () => {
    const { clock, outbox, shown, terminal, open, isSent } = await setUp();
    await outbox.add({ key: "a", recipient: "channel", message: "Hear, hear." });
    const notices = await open();
    terminal.isThere = false;
    await notices.sayDue();
    terminal.isThere = true;

    await notices.sayDue();
    expect({ shown, sent: await isSent("a") }).toEqual({ shown: [], sent: false });
    clock.advance({ seconds: 30 });
    await notices.sayDue();

    expect(shown).toHaveLength(1);
    expect(await isSent("a")).toBe(true);
  });

  it("are said again when a crash leaves open whether they were shown", async () => {
    const { clock, outbox, shown, open } = await setUp();
    await outbox.add({ key: "a", recipient: "channel", message: "Hear, hear." });
    await outbox.claim();
    clock.advance({ minutes: 5 });

    await (await open()).sayDue();

    expect(shown).toHaveLength(1);
  });
});
