import { Temporal } from "temporal-polyfill";
import { expect, it } from "vitest";
import type { Deletion } from "#src/deletions/deletion.ts";
import { decideLease } from "#src/leases/decide-lease.ts";
import { aDeletion } from "#test/support/doomed.ts";

const now = Temporal.Instant.from("2026-11-24T12:00:00Z");
const span = {
  terms: { defaultDays: 14, maximumDays: 30, totalDays: 90 },
  beganAt: now,
  timeZone: "UTC",
};
const tooFar = Temporal.Instant.from("2027-01-01T10:00:00Z");

/** The end of a lease that nobody has confirmed. */
function anEnd(facts: Partial<Deletion> = {}): Deletion {
  return aDeletion({ ofLease: true, confirmedBy: undefined, ...facts });
}

it.each<[string, Deletion | undefined, string | undefined, string]>([
  ["gives a guest its end", undefined, undefined, "set-end"],
  ["gives none to one that cannot be deleted", undefined, "it is on hold", "rest"],
  ["leaves an end that is in order", anEnd(), undefined, "rest"],
  ["takes the end of one back that cannot be deleted", anEnd(), "it is on hold", "take-back"],
  ["takes it back while it waits", anEnd({ state: "held" }), "it is on hold", "take-back"],
  ["leaves what is confirmed", anEnd({ confirmedBy: { id: "bob", name: "Bob" } }), "hold", "rest"],
  ["leaves what a person asked for", anEnd({ ofLease: false }), "it is on hold", "rest"],
  ["puts back what is too far", anEnd({ dueAt: tooFar }), undefined, "put-back"],
  ["also of a person's", anEnd({ dueAt: tooFar, ofLease: false }), undefined, "put-back"],
  [
    "but not what is confirmed",
    anEnd({ dueAt: tooFar, confirmedBy: { id: "bob", name: "Bob" } }),
    undefined,
    "rest",
  ],
  ["nor what has begun", anEnd({ dueAt: tooFar, state: "preparing" }), undefined, "rest"],
])("%s", (_, open, suspended, kind) => {
  expect(decideLease({ span, suspended, open }, now).kind).toBe(kind);
});

it("puts back to the furthest that there is", () => {
  const step = decideLease({ span, open: anEnd({ dueAt: tooFar }) }, now);

  expect(step.kind === "put-back" && step.at).toEqual(
    Temporal.Instant.from("2026-12-25T10:00:00Z"),
  );
});
