import { Temporal } from "temporal-polyfill";
import { describe, expect, it } from "vitest";
import type { Deletion } from "#src/deletions/deletion.ts";
import { fromRow, toRow } from "#src/deletions/deletion-row.ts";
import { noBackupReason } from "#src/deletions/held-reasons.ts";
import { objectionTo, postponed, standingOf } from "#src/slack/deletions/standing.ts";
import { aNewDeletion, friday } from "#test/support/deletions.ts";

const before = friday.subtract({ hours: 20 });
const after = friday.add({ minutes: 1 });

function aDeletion(facts: Partial<Deletion> = {}): Deletion {
  const row = toRow(aNewDeletion(), "pve1", before.epochMilliseconds);
  return { ...fromRow(row), state: "planned", ...facts };
}
const unconfirmed = { confirmedBy: undefined };
const usual = ["keep", "postpone-day", "postpone-week", "postpone"];

describe("what a notice can be answered with", () => {
  it.each([
    ["is planned", aDeletion(), before, [...usual, "now"]],
    ["is not in the calendar yet", aDeletion({ state: "inserting" }), before, [...usual, "now"]],
    ["nobody has confirmed", aDeletion(unconfirmed), before, [...usual, "confirm", "now"]],
    ["is due and nobody has confirmed", aDeletion(unconfirmed), after, [...usual, "confirm"]],
    ["is held", aDeletion({ state: "held", reason: "it was late" }), after, [...usual, "now"]],
    [
      "is held for want of a backup",
      aDeletion({ state: "held", reason: `${noBackupReason} (no space)` }),
      after,
      [...usual, "now", "now-without-backup"],
    ],
  ])("when it %s", (_, deletion, now, choices) => {
    expect(standingOf(deletion, 1, now)).toEqual({ kind: "open", deletion, choices });
  });

  it.each([
    ["is due and confirmed", aDeletion(), after, "begun"],
    ["is prepared", aDeletion({ state: "preparing" }), after, "begun"],
    ["is being destroyed", aDeletion({ state: "destroying" }), after, "begun"],
    ["is done", aDeletion({ state: "done" }), after, "over"],
    ["is cancelled", aDeletion({ state: "cancelled" }), before, "over"],
    ["has failed", aDeletion({ state: "failed" }), after, "over"],
    ["has another revision", aDeletion({ revision: 2 }), before, "over"],
    ["is not there", undefined, before, "over"],
  ])("is nothing when it %s", (_, deletion, now, kind) => {
    expect(standingOf(deletion, 1, now)).toEqual({ kind, deletion });
  });
});

describe("a choice", () => {
  it.each([
    ["keep", aDeletion(), before],
    ["now", aDeletion(), before],
    ["postpone", aDeletion({ state: "held" }), after],
    ["confirm", aDeletion(unconfirmed), after],
    // A veto is never too late before the guest is being destroyed.
    ["keep", aDeletion(), after],
    ["keep", aDeletion({ state: "preparing" }), after],
  ] as const)("may count: %s", (choice, deletion, now) => {
    expect(objectionTo(choice, deletion, 1, now)).toBeUndefined();
  });

  it.each([
    ["keep", aDeletion({ state: "destroying" }), after, /being deleted/],
    ["keep", aDeletion({ state: "done" }), after, /deleted already/],
    ["keep", aDeletion({ state: "failed" }), after, /has failed/],
    ["keep", aDeletion({ state: "cancelled", reason: "By Bob." }), before, /off already. By Bob./],
    ["keep", aDeletion({ revision: 2 }), before, /out of date/],
    ["now", aDeletion({ revision: 2 }), before, /out of date/],
    ["postpone", aDeletion(), after, /has begun.*\/pve cancel 103/],
    ["now", aDeletion({ state: "preparing" }), after, /has begun/],
    ["keep", undefined, before, /no such deletion/],
  ] as const)("does not count: %s", (choice, deletion, now, why) => {
    expect(objectionTo(choice, deletion, 1, now)).toMatch(why);
  });
});

describe("a postponed deletion", () => {
  it.each([
    [
      "keeps the time of day over the end of summer",
      "2026-10-24T17:00:00Z",
      "2026-10-25T18:00:00Z",
    ],
    [
      "is due a day from now where its time has passed",
      "2026-10-01T17:00:00Z",
      "2026-10-21T12:00:01Z",
    ],
  ])("%s", (_, due, then) => {
    const dueAt = Temporal.Instant.from(due);
    const now = Temporal.Instant.from("2026-10-20T12:00:00.500Z");

    const at = postponed({ dueAt, timeZone: "Europe/Berlin" }, { days: 1 }, now);

    expect(at.toString()).toBe(then);
  });
});
