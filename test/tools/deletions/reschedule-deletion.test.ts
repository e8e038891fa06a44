import { expect, it } from "vitest";
import { RefusedError } from "#src/actions/tool.ts";
import type { NewDeletion } from "#src/deletions/deletion.ts";
import { tooManyReason } from "#src/deletions/held-reasons.ts";
import type { GuestDetail } from "#src/proxmox/guest.ts";
import { clockAt } from "#test/support/clock.ts";
import { aNewDeletion, anEmptySchedule, changeAs } from "#test/support/deletions.ts";
import { aGuestDetail, guestsOf } from "#test/support/guests.ts";
import { noLeases } from "#test/support/leases.ts";
import { aContext } from "#test/support/tool-context.ts";
import type { Preparation } from "#tools/deletions/preparation.ts";
import { rescheduleDeletion } from "#tools/deletions/reschedule-deletion.ts";

const runner = aGuestDetail({ vmid: 103, name: "test-runner", fingerprint: "fp-103" });
const saturday = { guest: 103, when: "2026-11-28T18:00" };

const backup = { storage: "backup-nfs", days: 30 };

async function setup(
  guest?: GuestDetail,
  planned?: NewDeletion,
  preparation: Preparation = { shutdownMinutes: 5, backup },
  leases = noLeases,
) {
  const clock = clockAt("2026-11-21T09:00:00Z");
  const deletions = await anEmptySchedule(clock);
  const deletion = planned && (await deletions.schedule(planned));
  const guests = guestsOf(...(guest ? [guest] : []));
  const tool = rescheduleDeletion({ guests, deletions, leases, clock, preparation });
  return { tool, deletions, deletion, clock };
}

it("says from when to when, and moves nothing yet", async () => {
  const { tool, deletions, deletion } = await setup(runner, aNewDeletion());

  const plan = await tool.plan(saturday, aContext());

  expect(plan.summary).toBe(
    "Delete test-runner (CT 103 on pve1) for good on Sat 28 Nov 2026, 18:00 CET (Europe/Berlin), " +
      "in 7 days, instead of Fri 27 Nov 2026, 18:00 CET (Europe/Berlin), in 6 days. " +
      "It is shut down first, and switched off if it does not do so within 5 minutes; " +
      "a backup is made before and kept for 30 days.",
  );
  expect(plan.target).toMatchObject({
    guest: { vmid: 103, fingerprint: "fp-103" },
    deletion: { id: deletion?.id, requestedBy: "bob", dueAt: "2026-11-27T17:00:00Z" },
    at: "2026-11-28T17:00:00Z",
  });
  expect(await deletions.listOpen()).toEqual([deletion]);
});

it("moves it, confirmed by whoever confirmed the move", async () => {
  const { tool, deletions } = await setup(runner, aNewDeletion());
  const plan = await tool.plan(saturday, aContext());

  const result = await plan.apply(aContext());

  expect(result).toMatchObject({
    output: { scheduledFor: "Sat 28 Nov 2026, 18:00 CET (Europe/Berlin), in 7 days" },
  });
  const [moved] = await deletions.listOpen();
  expect(moved).toMatchObject({ revision: 2, confirmedBy: { id: "alice" } });
  expect(moved?.dueAt.toString()).toBe("2026-11-28T17:00:00Z");
});

it("counts a shift from the time that is planned", async () => {
  const { tool } = await setup(runner, aNewDeletion());

  const plan = await tool.plan({ guest: 103, when: "by two days" }, aContext());

  expect(plan.target).toMatchObject({ at: "2026-11-29T17:00:00Z" });
});

it("can be moved to now", async () => {
  const { tool, deletions, clock } = await setup(runner, aNewDeletion());
  const plan = await tool.plan({ guest: 103, when: "now" }, aContext());

  clock.advance({ minutes: 2 });
  await plan.apply(aContext());

  const [moved] = await deletions.listOpen();
  expect(moved?.dueAt).toEqual(clock.now());
  expect(moved?.beyondLimit).toBe(false);
});

it("does not move what somebody else moved meanwhile", async () => {
  const { tool, deletions, deletion } = await setup(runner, aNewDeletion());
  const plan = await tool.plan(saturday, aContext());
  const sunday = { dueAt: aNewDeletion().dueAt.add({ hours: 48 }), timeZone: "UTC" };
  if (deletion) await deletions.reschedule(deletion, sunday);

  await expect(plan.apply(aContext())).rejects.toThrow("has changed meanwhile");
  expect((await deletions.listOpen())[0]?.dueAt).toEqual(sunday.dueAt);
});

it("finds nothing to do when it is that time already", async () => {
  const { tool, deletions } = await setup(runner, aNewDeletion());

  const plan = await tool.plan({ guest: 103, when: "2026-11-27T18:00" }, aContext());

  expect(plan.unchanged).toContain("planned for that time already");
  expect(await plan.apply(aContext())).toMatchObject({ kind: "unchanged" });
  expect((await deletions.listOpen())[0]?.revision).toBe(1);
});

it.each([
  ["unconfirmed", aNewDeletion({ confirmedBy: undefined }), undefined],
  ["on hold", aNewDeletion(), "The guest is not found."],
])("takes the same time again for one that is %s", async (_, planned, hold) => {
  const { tool, deletions, deletion } = await setup(runner, planned);
  if (deletion && hold) await changeAs(deletions, deletion, { state: "held", reason: hold });

  const plan = await tool.plan({ guest: 103, when: "2026-11-27T18:00" }, aContext());

  expect(plan.unchanged).toBeUndefined();
});

it("takes the same time again for another choice of backup", async () => {
  const { tool, deletions } = await setup(runner, aNewDeletion());
  const input = { guest: 103, when: "2026-11-27T18:00", backup: "none" };

  const plan = await tool.plan(input, aContext());
  await plan.apply(aContext());

  expect(plan.unchanged).toBeUndefined();
  expect(plan.summary).toContain("within 5 minutes. No backup is made.");
  expect(plan.target.withoutBackup).toBe(true);
  expect((await deletions.listOpen())[0]?.withoutBackup).toBe(true);
});

it("keeps what was chosen about the backup", async () => {
  const { tool, deletions } = await setup(runner, aNewDeletion({ withoutBackup: true }));
  const plan = await tool.plan(saturday, aContext());

  await plan.apply(aContext());

  expect(plan.target.withoutBackup).toBe(true);
  expect((await deletions.listOpen())[0]?.withoutBackup).toBe(true);
});

it.each([null, "first"])("refuses a backup (%j) that there is no storage for", async (choice) => {
  const { tool } = await setup(runner, aNewDeletion(), { shutdownMinutes: 5 });

  const plan = tool.plan({ ...saturday, backup: choice }, aContext());

  await expect(plan).rejects.toThrow("No storage for backups is configured");
});

it.each([
  ["now", true],
  ["in 2 hours", false],
])("lets one of too many go %s, beyond the limit: %s", async (when, beyondLimit) => {
  const { tool, deletions, deletion } = await setup(runner, aNewDeletion());
  const reason = `${tooManyReason}: 6 within an hour`;
  if (deletion) await changeAs(deletions, deletion, { state: "held", reason });

  const plan = await tool.plan({ guest: 103, when }, aContext());
  await plan.apply(aContext());

  expect(plan.summary.includes("although too many are due at once")).toBe(beyondLimit);
  expect((await deletions.listOpen())[0]).toMatchObject({ beyondLimit });
});

it.each([
  ["preparing", "has already begun; it can only be cancelled now."],
  ["destroying", "has already begun."],
] as const)("comes too late for one that is %s", async (state, reason) => {
  const { tool, deletions, deletion } = await setup(runner, aNewDeletion());
  if (deletion) await changeAs(deletions, deletion, { state });

  await expect(tool.plan(saturday, aContext())).rejects.toThrow(reason);
});

it("asks about a time that is unclear", async () => {
  const { tool } = await setup(runner, aNewDeletion());

  await expect(tool.plan({ guest: 103, when: "05/06/2027" }, aContext())).rejects.toThrow("day");
});

it.each([
  ["no deletion is planned", runner, undefined, "No deletion of test-runner"],
  ["the guest is gone", undefined, aNewDeletion(), "can only be cancelled"],
  [
    "the VMID belongs to another guest",
    { ...runner, fingerprint: "fp-103-again" },
    aNewDeletion(),
    "can only be cancelled",
  ],
])("is refused when %s", async (_, guest, planned, reason) => {
  const { tool } = await setup(guest, planned);

  const error = await tool.plan(saturday, aContext()).catch((cause: unknown) => cause);

  expect(error).toBeInstanceOf(RefusedError);
  expect(error).toMatchObject({ message: expect.stringContaining(reason) });
  expect((error as RefusedError).target.guest?.vmid).toBe(103);
});
