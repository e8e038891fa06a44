import { expect, it } from "vitest";
import { createDeletionStore, type DeletionStore } from "#src/deletions/deletion-store.ts";
import { clockAt } from "#test/support/clock.ts";
import { testDatabase } from "#test/support/database.ts";
import { aNewDeletion } from "#test/support/deletions.ts";
import { bob } from "#test/support/people.ts";
import { aContext } from "#test/support/tool-context.ts";
import { listScheduledDeletions } from "#tools/deletions/list-scheduled-deletions.ts";

async function setup() {
  return createDeletionStore(await testDatabase(), clockAt("2026-11-21T09:00:00Z"));
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
  await deletions.schedule(aNewDeletion({ ...later, confirmedBy: undefined }));
  await deletions.schedule(aNewDeletion());

  expect(await list(deletions)).toBe(
    [
      "Fri 27 Nov 2026, 18:00 CET (Europe/Berlin), in 6 days: test-runner (CT 103 on pve1), requested by Bob, confirmed by Alice",
      "Sat 28 Nov 2026, 18:00 CET (Europe/Berlin), in 7 days: test-runner (CT 104 on pve1), requested by Bob, not confirmed",
    ].join("\n"),
  );
});

it("shows times in the zone of who asks", async () => {
  const deletions = await setup();
  await deletions.schedule(aNewDeletion());

  expect(await list(deletions, aContext({ principal: bob }))).toContain("12:00 EST");
});

it("says why one waits for a person, and which one is under way", async () => {
  const deletions = await setup();
  const held = await deletions.schedule(aNewDeletion());
  if (held) await deletions.hold(held, "The guest is not found.");
  expect(await list(deletions)).toContain("on hold: The guest is not found.");

  const { guest } = aNewDeletion();
  const begun = await deletions.schedule(aNewDeletion({ guest: { ...guest, vmid: 104 } }));
  if (begun) await deletions.claim(begun);
  expect(await list(deletions)).toContain(
    "CT 104 on pve1), requested by Bob, confirmed by Alice, being carried out",
  );
});

it("leaves out what is over", async () => {
  const deletions = await setup();
  const deletion = await deletions.schedule(aNewDeletion());
  await deletions.cancel(deletion?.id ?? "", bob);

  expect(await list(deletions)).toBe("No deletion is scheduled.");
});
