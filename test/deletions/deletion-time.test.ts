import { Temporal } from "temporal-polyfill";
import { expect, it } from "vitest";
import type { Deletion } from "#src/deletions/deletion-store.ts";
import { reminderFor } from "#src/deletions/deletion-time.ts";
import { aNewDeletion, friday } from "#test/support/deletions.ts";

const planned: Deletion = {
  ...aNewDeletion(),
  id: "d1",
  state: "planned",
  revision: 1,
  requestedAt: friday.subtract({ hours: 48 }),
};
const oneDayBefore = friday.subtract({ hours: 24 });

it("reminds from one day before", () => {
  expect(reminderFor(planned, oneDayBefore.subtract({ seconds: 1 }))).toBeUndefined();
  expect(reminderFor(planned, oneDayBefore)).toBe(
    "test-runner (CT 103 on pve1) will be deleted for good on Fri 27 Nov 2026, 18:00 CET " +
      "(Europe/Berlin), in 1 day. Until then it can be cancelled.",
  );
});

it("counts the day by the wall clock, across a clock change", () => {
  const dueAt = Temporal.Instant.from("2027-03-28T07:00:00Z"); // six hours after it
  expect(reminderFor({ ...planned, dueAt }, dueAt.subtract({ hours: 23 }))).toBeDefined();
  expect(reminderFor({ ...planned, dueAt }, dueAt.subtract({ hours: 24 }))).toBeUndefined();
});

it("does not remind once it is due, or of what is not planned", () => {
  expect(reminderFor(planned, friday)).toBeUndefined();
  expect(reminderFor({ ...planned, state: "held" }, oneDayBefore)).toBeUndefined();
});
