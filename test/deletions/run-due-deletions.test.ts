import { expect, it } from "vitest";
import { createActionExecutor } from "#src/actions/action-executor.ts";
import { createConfirmationStore } from "#src/actions/confirmation-store.ts";
import { createAuditLog } from "#src/audit/audit-log.ts";
import { deleteGuest } from "#src/deletions/delete-guest.ts";
import { createDeletionStore } from "#src/deletions/deletion-store.ts";
import { runDueDeletions } from "#src/deletions/run-due-deletions.ts";
import { silentLogger } from "#src/log.ts";
import { createPolicy } from "#src/policy/policy.ts";
import { deletionRules } from "#src/policy/rules.ts";
import type { GuestDetail } from "#src/proxmox/guest.ts";
import { ProxmoxError } from "#src/proxmox/proxmox-error.ts";
import { clockAt } from "#test/support/clock.ts";
import { testDatabase } from "#test/support/database.ts";
import { aNewDeletion, friday } from "#test/support/deletions.ts";
import { aGuestDetail, guestsOf } from "#test/support/guests.ts";

const runner = aGuestDetail({
  vmid: 103,
  name: "test-runner",
  status: "stopped",
  fingerprint: "fp-103",
});

async function setup(guest: GuestDetail | undefined, destroyFails?: Error) {
  const clock = clockAt(friday.subtract({ minutes: 1 }).toString());
  const db = await testDatabase();
  const deletions = createDeletionStore(db, clock);
  const deletion = await deletions.schedule(aNewDeletion());
  const destroyed: number[] = [];
  const tool = deleteGuest({
    guests: guestsOf(...(guest ? [guest] : [])),
    deletions,
    clock,
    history: { historySince: async () => ({ kind: "unchanged" }) },
    power: { shutdown: async () => ({ kind: "unchanged", message: "It is stopped." }) },
    destroyer: {
      async destroy({ vmid }) {
        if (destroyFails) throw destroyFails;
        destroyed.push(vmid);
        return { upid: "UPID:pve1:destroy", leftoverVolumes: [] };
      },
    },
  });
  const executor = createActionExecutor({
    tools: [tool],
    policy: createPolicy(deletionRules),
    confirmations: createConfirmationStore(db, clock),
    audit: createAuditLog(db, clock),
    log: silentLogger,
  });
  const stop = new AbortController();
  const run = () => runDueDeletions({ deletions, executor, clock, signal: stop.signal });
  const state = () => deletions.find(deletion?.id ?? "");
  return { run, state, clock, destroyed, deletions, stop };
}

it("carries out what is due, and nothing before", async () => {
  const { run, state, clock, destroyed } = await setup(runner);
  expect(await run()).toEqual([]);

  clock.advance({ minutes: 1 });
  const reports = await run();

  expect(reports).toMatchObject([{ decision: "allow", outcome: { kind: "done" } }]);
  expect(destroyed).toEqual([103]);
  expect((await state())?.state).toBe("done");
  expect(await run()).toEqual([]);
});

it.each<[string, GuestDetail | undefined, RegExp]>([
  ["is not found", undefined, /may be gone, or hidden/],
  ["became protected", { ...runner, tags: ["protected"] }, /protected/],
  ["got locked", { ...runner, lock: "backup" }, /lock/],
])("holds the deletion of a guest that %s, once and with the reason", async (_, guest, reason) => {
  const { run, state, clock, destroyed } = await setup(guest);
  clock.advance({ minutes: 1 });

  await run();

  expect(destroyed).toEqual([]);
  expect(await state()).toMatchObject({ state: "held", reason: expect.stringMatching(reason) });
  expect(await run()).toEqual([]);
});

it("holds what is found too late", async () => {
  const { run, state, clock, destroyed } = await setup(runner);
  clock.advance({ hours: 2 });

  await run();

  expect(destroyed).toEqual([]);
  expect((await state())?.reason).toContain("more than 30 minutes ago");
});

it("does not hold what failed on the way: that is over", async () => {
  const failure = new ProxmoxError("destroy-failed", "Disks may be gone.");
  const { run, state, clock } = await setup(runner, failure);
  clock.advance({ minutes: 1 });

  expect(await run()).toMatchObject([{ outcome: { kind: "failed" } }]);
  expect(await state()).toMatchObject({ state: "failed", reason: "Disks may be gone." });
});

it("begins nothing once it is stopped", async () => {
  const { run, state, clock, stop } = await setup(runner);
  clock.advance({ minutes: 1 });
  stop.abort();

  expect(await run()).toEqual([]);
  expect((await state())?.state).toBe("planned");
});
