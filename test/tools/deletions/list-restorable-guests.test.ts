import { expect, it } from "vitest";
import type { DeletionStore } from "#src/deletions/deletion-store.ts";
import { clockAt } from "#test/support/clock.ts";
import { aNewDeletion, anEmptySchedule, changeAs } from "#test/support/deletions.ts";
import { aContext } from "#test/support/tool-context.ts";
import { listRestorableGuests } from "#tools/deletions/list-restorable-guests.ts";
import { addRestorable } from "./restorable.ts";

const setup = () => anEmptySchedule(clockAt("2026-11-21T09:00:00Z"));

async function list(deletions: DeletionStore, taken: readonly number[] = []) {
  const vmids = { isFree: async (vmid: number) => !taken.includes(vmid) };
  const plan = await listRestorableGuests({ deletions, vmids }).plan({}, aContext());
  const result = await plan.apply(aContext());
  return result.kind === "done" ? result.output : result;
}

it("says so when there is none, also of what went without a backup", async () => {
  const deletions = await setup();
  const bare = await deletions.schedule(aNewDeletion({ withoutBackup: true }));
  if (bare) await changeAs(deletions, bare, { state: "done" });

  expect(await list(deletions)).toBe("No deleted guest can be restored.");
});

it("shows guest, time, requester and how long the backup is kept, the latest first", async () => {
  const deletions = await setup();
  await addRestorable(deletions, "2026-11-10T17:00:30Z");
  const later = { vmid: 210, name: "staging", fingerprint: "fp-210" };
  await addRestorable(deletions, "2026-11-20T17:00:30Z", later, {
    state: "failed",
    backup: { storage: "backup-nfs", volume: "backup-nfs:backup/vzdump" },
  });

  expect(await list(deletions)).toBe(
    [
      "staging (CT 210), deleted Fri 20 Nov 2026, 18:00 CET (Europe/Berlin), 16 hours ago, requested by Bob, its deletion did not end well, backup kept for now",
      "test-runner (CT 103), deleted Tue 10 Nov 2026, 18:00 CET (Europe/Berlin), 11 days ago, requested by Bob, backup kept until Thu 10 Dec 2026, 18:00 CET (Europe/Berlin), in 19 days",
    ].join("\n"),
  );
});

it("reads out twenty of them, and counts the others", async () => {
  const deletions = await setup();
  for (let vmid = 500; vmid < 522; vmid++) {
    await addRestorable(deletions, "2026-11-10T17:00:30Z", { vmid });
  }

  const lines = String(await list(deletions)).split("\n");

  expect(lines).toHaveLength(21);
  expect(lines.at(-1)).toBe("2 earlier ones are not shown.");
});

it("leaves out what was brought back, until that is gone again", async () => {
  const deletions = await setup();
  await addRestorable(deletions, "2026-11-20T17:00:30Z");
  const [row] = await deletions.listRestorable();
  await deletions.markRestored(row?.id ?? "", undefined, 105);

  expect(await list(deletions, [105])).toBe("No deleted guest can be restored.");
  expect(await list(deletions, [103])).toContain("test-runner (CT 103)");
});
