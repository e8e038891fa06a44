import { expect, it } from "vitest";
import { RefusedError } from "#src/actions/tool.ts";
import type { GuestDetail } from "#src/proxmox/guest.ts";
import { clockAt } from "#test/support/clock.ts";
import { anEmptySchedule, changeAs, friday } from "#test/support/deletions.ts";
import { aGuestDetail, guestsOf } from "#test/support/guests.ts";
import { noLeases } from "#test/support/leases.ts";
import { bob } from "#test/support/people.ts";
import { aContext } from "#test/support/tool-context.ts";
import type { Preparation } from "#tools/deletions/preparation.ts";
import { scheduleDeletion } from "#tools/deletions/schedule-deletion.ts";

const runner = aGuestDetail({
  vmid: 103,
  name: "test-runner",
  status: "stopped",
  fingerprint: "fp-103",
});

const backup = { storage: "backup-nfs", days: 30 };

async function setup(
  guest: GuestDetail = runner,
  preparation: Preparation = { shutdownMinutes: 5, backup },
  leases = noLeases,
) {
  const clock = clockAt("2026-11-21T09:00:00Z");
  const deletions = await anEmptySchedule(clock);
  const guests = guestsOf(guest);
  const tool = scheduleDeletion({ guests, deletions, leases, clock, preparation });
  return { tool, deletions, clock };
}

it("says which guest goes and when, absolute and relative, and keeps nothing yet", async () => {
  const { tool, deletions } = await setup();

  const plan = await tool.plan({ guest: "test-runner", when: "friday at 18:00" }, aContext());

  expect(plan.summary).toBe(
    "Delete test-runner (CT 103 on pve1) for good on Fri 27 Nov 2026, 18:00 CET (Europe/Berlin), in 6 days. " +
      "It is shut down first, and switched off if it does not do so within 5 minutes; " +
      "a backup is made before and kept for 30 days.",
  );
  expect(plan.target).toMatchObject({
    guest: { vmid: 103, fingerprint: "fp-103" },
    at: "2026-11-27T17:00:00Z",
  });
  expect(await deletions.listOpen()).toEqual([]);
});

it("keeps who asked, who confirmed and when", async () => {
  const { tool, deletions } = await setup({ ...runner, pool: "ci" });
  const plan = await tool.plan(
    { guest: 103, when: "friday at 18:00" },
    aContext({ principal: { ...bob, timeZone: "Europe/Berlin" } }),
  );

  const approvedBy = [{ id: "carol", name: "Carol" }];
  const result = await plan.apply(aContext({ approvedBy }));

  expect(result).toEqual({
    kind: "done",
    output: {
      guest: "test-runner (CT 103 on pve1)",
      scheduledFor: "Fri 27 Nov 2026, 18:00 CET (Europe/Berlin), in 6 days",
      calendar: "its event follows within seconds",
    },
  });
  const [planned] = await deletions.listOpen();
  expect(planned?.dueAt).toEqual(friday);
  expect(planned).toMatchObject({
    state: "inserting",
    timeZone: "Europe/Berlin",
    guest: { vmid: 103, fingerprint: "fp-103", pool: "ci" },
    withoutBackup: false,
    requestedBy: { id: "bob" },
    confirmedBy: { id: "alice" },
    approvedBy,
  });
});

it("reads the words in the zone of who said them", async () => {
  const { tool } = await setup();

  const plan = await tool.plan(
    { guest: 103, when: "friday at 18:00" },
    aContext({ principal: bob }),
  );

  expect(plan.target.at).toBe("2026-11-27T23:00:00Z");
  expect(plan.summary).toContain("18:00 EST (America/New_York)");
});

it("means two days from now, by the wall clock, when nothing is said", async () => {
  const { tool } = await setup();

  const plan = await tool.plan({ guest: 103 }, aContext());

  expect(plan.target.at).toBe("2026-11-23T09:00:00Z");
});

it("means the same when it is planned again minutes later", async () => {
  const { tool, clock } = await setup();
  const input = { guest: 103, when: "in two hours" };
  const before = await tool.plan(input, aContext());

  clock.advance({ minutes: 4 });
  const after = await tool.plan(input, aContext());

  expect(after.target).toEqual(before.target);
  expect(after.summary).toBe(before.summary);
});

it("is due at once when confirmed, if that is what was asked", async () => {
  const { tool, deletions, clock } = await setup();
  const plan = await tool.plan({ guest: 103, when: "now" }, aContext());
  expect(plan.summary).toContain(
    "Delete test-runner (CT 103 on pve1) for good as soon as this is confirmed. It is shut",
  );
  expect(plan.target.asSoonAsConfirmed).toBe(true);

  clock.advance({ minutes: 3 });
  await plan.apply(aContext());

  expect((await deletions.listOpen())[0]?.dueAt).toEqual(clock.now());
});

it.each([
  ["an hour that the clock change skips", "2027-03-28 02:30", /02:30/],
  ["an hour that the clock change repeats", "2027-10-31 02:30", /02:30/],
  ["a date whose day and month could be swapped", "05/06/2027", /05\/06\/2027/],
  ["a time that has passed", "2026-11-20T18:00:00Z", /Fri 20 Nov 2026/],
  ["words that are no time", "when the moon is blue", /\?/],
])("asks about %s, and tells which guest was meant", async (_, when, question) => {
  const { tool } = await setup();

  const error = await tool.plan({ guest: 103, when }, aContext()).catch((cause: unknown) => cause);

  expect(error).toBeInstanceOf(RefusedError);
  expect(error).toMatchObject({ message: expect.stringMatching(question) });
  expect((error as RefusedError).target.guest?.vmid).toBe(103);
});

it("refuses a guest whose deletion is planned already, and says when that is", async () => {
  const { tool } = await setup();
  const first = await tool.plan({ guest: 103, when: "friday at 18:00" }, aContext());
  await first.apply(aContext());

  await expect(tool.plan({ guest: 103 }, aContext())).rejects.toThrow(
    "already planned for Fri 27 Nov 2026, 18:00 CET (Europe/Berlin), in 6 days; it can be rescheduled",
  );
});

it.each([
  ["preparing", "it is being prepared, and can be cancelled."],
  ["destroying", "it is being carried out now."],
] as const)("says what can be done about one that is %s", async (state, words) => {
  const { tool, deletions } = await setup();
  const first = await tool.plan({ guest: 103, when: "friday at 18:00" }, aContext());
  await first.apply(aContext());
  const [deletion] = await deletions.listOpen();
  if (deletion) await changeAs(deletions, deletion, { state });

  await expect(tool.plan({ guest: 103 }, aContext())).rejects.toThrow(words);
});

it.each([
  ["none", { shutdownMinutes: 5, backup }],
  ["none", { shutdownMinutes: 5 }],
  [null, { shutdownMinutes: 5 }],
])("goes without a backup for %j where %j is set up", async (choice, preparation) => {
  const { tool, deletions } = await setup(runner, preparation);

  const plan = await tool.plan({ guest: 103, backup: choice }, aContext());
  await plan.apply(aContext());

  expect(plan.summary).toContain("within 5 minutes. No backup is made.");
  expect(plan.target.withoutBackup).toBe(true);
  expect((await deletions.listOpen())[0]?.withoutBackup).toBe(true);
});

it("refuses a backup that there is no storage for", async () => {
  const { tool } = await setup(runner, { shutdownMinutes: 5 });

  const plan = tool.plan({ guest: 103, backup: "first" }, aContext());

  await expect(plan).rejects.toThrow("No storage for backups is configured");
});

it("names one minute and one day as one", async () => {
  const one = { shutdownMinutes: 1, backup: { storage: "backup-nfs", days: 1 } };
  const { tool } = await setup(runner, one);

  const { summary } = await tool.plan({ guest: 103 }, aContext());

  expect(summary).toContain("within 1 minute; a backup is made before and kept for 1 day.");
});

it("is due at a whole second, as calendars keep it", async () => {
  const { tool } = await setup();

  const plan = await tool.plan({ guest: 103, when: "2026-11-27T17:00:00.987Z" }, aContext());

  expect(plan.target.at).toBe("2026-11-27T17:00:00Z");
});

it("keeps one of two that were planned at the same time", async () => {
  const { tool, deletions } = await setup();
  const plans = await Promise.all([1, 2].map(() => tool.plan({ guest: 103 }, aContext())));

  const results = await Promise.allSettled(plans.map((plan) => plan.apply(aContext())));

  const [rejected, ...others] = results.filter((result) => result.status === "rejected");
  expect(rejected?.reason).toMatchObject({ message: expect.stringContaining("planned meanwhile") });
  expect(others).toEqual([]);
  expect(await deletions.listOpen()).toHaveLength(1);
});

it("leaves it to the policy whether a protected guest may go", async () => {
  const { tool } = await setup({ ...runner, protection: true, lock: "backup", haManaged: true });

  const plan = await tool.plan({ guest: 103 }, aContext());

  expect(plan.target.guest).toMatchObject({ protection: true, lock: "backup", haManaged: true });
});
