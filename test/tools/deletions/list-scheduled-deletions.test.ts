import { expect, it } from "vitest";
import type { DeletionChange } from "#src/deletions/deletion-row.ts";
import type { DeletionStore } from "#src/deletions/deletion-store.ts";
import { clockAt } from "#test/support/clock.ts";
import { aNewDeletion, anEmptySchedule, changeAs } from "#test/support/deletions.ts";
import { bob } from "#test/support/people.ts";
import { aContext } from "#test/support/tool-context.ts";
import { listScheduledDeletions } from "#tools/deletions/list-scheduled-deletions.ts";

async function setup() {
  return anEmptySchedule(clockAt("2026-11-21T09:00:00Z"));
}

async function list(deletions: DeletionStore, context = aContext()) {
  const plan = await listScheduledDeletions({ deletions }).plan({}, context);
  const result = await plan.apply(context);
  return result.kind === "done" ? result.output : result;
}

it("says so when there is none", async () => {
  expect(await list(await setup())).toBe("No deletion is scheduled.");
});

it("shows guest, time, requester and confirmation, soonest first", async () => {
  const deletions = await setup();
  const { guest, dueAt } = aNewDeletion();
  const later = { guest: { ...guest, vmid: 104 }, dueAt: dueAt.add({ hours: 24 }) };
  await deletions.schedule(aNewDeletion({ ...later, confirmedBy: undefined, withoutBackup: true }));
  const sooner = await deletions.schedule(aNewDeletion());
  if (sooner) await changeAs(deletions, sooner, { state: "planned" });

  expect(await list(deletions)).toBe(
    [
      "Fri 27 Nov 2026, 18:00 CET (Europe/Berlin), in 6 days: test-runner (CT 103 on pve1), requested by Bob, confirmed by Alice",
      "Sat 28 Nov 2026, 18:00 CET (Europe/Berlin), in 7 days: test-runner (CT 104 on pve1), requested by Bob, not confirmed yet, without a backup, not in the calendar yet",
    ].join("\n"),
  );
});

it("shows times in the zone of who asks", async () => {
  const deletions = await setup();
  await deletions.schedule(aNewDeletion());

  expect(await list(deletions, aContext({ principal: bob }))).toContain("12:00 EST");
});

it.each<[DeletionChange, string]>([
  [{ state: "inserting", reason: "no answer." }, "not in the calendar yet, waiting: no answer."],
  [{ state: "planned", reason: "no quorum." }, "confirmed by Alice, waiting: no quorum."],
  [{ state: "preparing" }, "being prepared"],
  [{ state: "preparing", task: { step: "backup", upid: "UPID:" } }, "being backed up for it"],
  [{ state: "destroying" }, "being destroyed"],
  [{ state: "held", reason: "it is locked." }, "on hold until somebody decides: it is locked."],
])("says of one that is %j: %s", async (change, words) => {
  const deletions = await setup();
  const deletion = await deletions.schedule(aNewDeletion());
  if (deletion) await changeAs(deletions, deletion, change);

  expect(String(await list(deletions)).endsWith(words)).toBe(true);
});

it("reads out fifty of them, and counts the others", async () => {
  const deletions = await setup();
  const { guest } = aNewDeletion();
  for (let vmid = 500; vmid < 552; vmid++) {
    await deletions.schedule(aNewDeletion({ guest: { ...guest, vmid } }));
  }

  const lines = String(await list(deletions)).split("\n");

  expect(lines).toHaveLength(51);
  expect(lines.at(-1)).toBe("2 later ones are not shown.");
});

it("leaves out what is over", async () => {
  const deletions = await setup();
  const deletion = await deletions.schedule(aNewDeletion());
  await deletions.cancel(deletion?.id ?? "", bob);

  expect(await list(deletions)).toBe("No deletion is scheduled.");
});
