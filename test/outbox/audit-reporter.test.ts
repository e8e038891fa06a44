import { describe, expect, it } from "vitest";
import { type AuditEntry, createAuditLog } from "#src/audit/audit-log.ts";
import { createAuditReporter } from "#src/outbox/audit-reporter.ts";
import { createOutboxStore } from "#src/outbox/outbox-store.ts";
import { aTarget } from "#test/support/actions.ts";
import { clockAt } from "#test/support/clock.ts";
import { testDatabase } from "#test/support/database.ts";

const bob = { id: "bob", name: "Bob", role: "operator" };

function anEntry(facts: Partial<AuditEntry>): AuditEntry {
  return {
    actionId: "a1",
    step: "succeeded",
    tool: "stop_guest",
    input: {},
    target: { guest: aTarget() },
    principal: bob,
    ...facts,
  };
}

async function setUp() {
  const db = await testDatabase();
  const clock = clockAt("2026-11-24T12:00:00Z");
  const audit = createAuditLog(db, clock);
  const outbox = createOutboxStore(db, clock);
  const reporter = () => createAuditReporter({ db, audit, outbox, timeZone: "Europe/Berlin" });
  await reporter().report();

  async function told() {
    await reporter().report();
    const messages: string[] = [];
    for (let found = await outbox.claim(); found; found = await outbox.claim()) {
      messages.push(found.message);
      await outbox.markSent(found.key, "C1/1");
    }
    return messages;
  }
  return { db, audit, outbox, told, reporter };
}

describe("what the channel hears", () => {
  const at = "2026-11-27T17:00:00Z";
  const deletion = { id: "d1", requestedBy: "bob", dueAt: at };

  it.each<[string, Partial<AuditEntry>, string]>([
    [
      "a deletion that is scheduled",
      { tool: "schedule_deletion", approver: bob, target: { guest: aTarget(), at } },
      "test-runner (CT 103 on pve1) is scheduled for deletion: Fri 27 Nov 2026, 18:00 CET (Europe/Berlin), in 3 days, by Bob, who confirmed it.",
    ],
    [
      "one that two people confirmed",
      {
        tool: "schedule_deletion",
        approver: { id: "alice", name: "Alice" },
        approvers: [{ id: "alice", name: "Alice" }, bob],
        target: { guest: aTarget(), at },
      },
      "test-runner (CT 103 on pve1) is scheduled for deletion: Fri 27 Nov 2026, 18:00 CET (Europe/Berlin), in 3 days, by Bob, confirmed by Alice and Bob.",
    ],
    [
      "one that is moved",
      { tool: "reschedule_deletion", target: { guest: aTarget(), deletion, at } },
      "The deletion of test-runner (CT 103 on pve1) was moved: Fri 27 Nov 2026, 18:00 CET (Europe/Berlin), in 3 days, by Bob.",
    ],
    [
      "a guest that is given away",
      { tool: "transfer_guest", target: { guest: aTarget(), newOwner: "alice" } },
      "test-runner (CT 103 on pve1) belongs to alice now, by Bob.",
    ],
    [
      "a guest that is put on hold",
      { tool: "hold_guest", input: { guest: "103", reason: "on\nvacation" } },
      "test-runner (CT 103 on pve1) was put on hold by Bob (on vacation): nobody can delete it meanwhile.",
    ],
    [
      "a hold that is ended",
      { tool: "release_hold" },
      "The hold on test-runner (CT 103 on pve1) was ended by Bob; it can be deleted again.",
    ],
    [
      "one that is cancelled",
      { tool: "cancel_deletion", target: { guest: aTarget(), deletion } },
      "The deletion of test-runner (CT 103 on pve1) was cancelled by Bob.",
    ],
    [
      "a guest that is restored",
      { tool: "restore_guest", upid: "UPID:pve1:x" },
      "test-runner (CT 103 on pve1) was restored by Bob.",
    ],
    [
      "a brake that is pulled",
      { tool: "freeze_changes", target: {}, message: "smoke" },
      "Every change is stopped by Bob (smoke). Reading and cancelling deletions go on.",
    ],
    [
      "one that is released",
      { tool: "release_changes", target: {} },
      "Changes go on again: Bob released them.",
    ],
    [
      "the file of one that is removed",
      { tool: "release_changes", target: {}, message: "The file /x/FREEZE was removed." },
      "Changes go on again: The file /x/FREEZE was removed.",
    ],
    ["power that was cut", {}, "The power of test-runner (CT 103 on pve1) was cut by Bob."],
    [
      "any change that failed",
      { tool: "start_guest", step: "failed", message: "pve1 is away." },
      "Start guest test-runner (CT 103 on pve1), asked by Bob, failed: pve1 is away.",
    ],
  ])("is %s", async (_, entry, message) => {
    const { audit, told } = await setUp();

    await audit.append(anEntry(entry));

    expect(await told()).toEqual([message]);
  });

  it.each<[string, Partial<AuditEntry>]>([
    ["a start", { tool: "start_guest" }],
    ["a brake that somebody may not pull", { tool: "freeze_changes", target: {}, step: "denied" }],
    ["one that held already", { tool: "freeze_changes", target: {}, step: "unchanged" }],
    ["what only begins", { step: "started" }],
    ["what was asked for and not confirmed yet", { step: "confirmation-requested" }],
    ["what the policy denied to somebody", { step: "denied" }],
    [
      "what carries a deletion out, which tells of itself",
      { tool: "delete_guest", principal: { ...bob, role: "scheduler" } },
    ],
  ])("is not %s", async (_, entry) => {
    const { audit, told } = await setUp();

    await audit.append(anEntry(entry));

    expect(await told()).toEqual([]);
  });

  it("comes once, also over a restart", async () => {
    const { audit, told } = await setUp();
    await audit.append(anEntry({}));

    expect(await told()).toHaveLength(1);
    expect(await told()).toEqual([]);
    await audit.append(anEntry({ tool: "restore_guest" }));
    expect(await told()).toHaveLength(1);
  });

  it("comes once when a reader dies between telling and remembering it", async () => {
    const { db, audit, told } = await setUp();
    await audit.append(anEntry({}));
    expect(await told()).toHaveLength(1);

    await db.updateTable("cursor").set({ position: 0 }).execute();

    expect(await told()).toEqual([]);
  });

  it("leaves alone what was in the log before the channel was there", async () => {
    const { db, audit, told } = await setUp();
    await audit.append(anEntry({}));
    await db.deleteFrom("cursor").execute();

    expect(await told()).toEqual([]);
  });

  it("misses nothing of many", async () => {
    const { audit, told } = await setUp();
    for (let index = 0; index < 205; index += 1) await audit.append(anEntry({}));

    expect(await told()).toHaveLength(205);
  });
});
