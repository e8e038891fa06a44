import { describe, expect, it } from "vitest";
import type { CalendarEvent } from "#src/calendar/calendar.ts";
import type { Claim } from "#src/deletions/deletion.ts";
import { reactTo, reactToAbsence } from "#src/deletions/react-to-event.ts";
import { friday } from "#test/support/deletions.ts";
import { aDeletion, anEvent } from "#test/support/doomed.ts";

const now = friday.subtract({ hours: 48 });
const saturday = friday.add({ hours: 24 });
const open = ["planned", "preparing", "held"] as const;

function react(facts: Partial<Claim>, event: Partial<CalendarEvent>) {
  return reactTo(aDeletion(facts), anEvent(event), now);
}

describe("an open deletion", () => {
  it("changes nothing when its event is as it was", () => {
    expect(react({}, {})).toBeUndefined();
  });

  it("takes note of another version, and of no text: the target is not in the calendar", () => {
    const reaction = react({}, { etag: '"2"', title: "Delete everything", marks: { vmid: "999" } });

    expect(reaction).toMatchObject({ change: { event: { etag: '"2"', startsAt: friday } } });
    expect(reaction?.change).not.toHaveProperty("movedTo");
    expect(reaction?.notices).toEqual([]);
  });

  it.each(open)("is cancelled when its event is removed while it is %s", (state) => {
    const reaction = react({ state }, { cancelled: true });

    expect(reaction?.change).toMatchObject({ state: "cancelled", eventGone: true, hurry: true });
    expect(reaction?.from).toContain("preparing");
    expect(reaction?.notices.map(({ recipient }) => recipient)).toEqual(["channel", "user:bob"]);
  });

  it.each(open)(
    "is planned anew, and not confirmed, when its event is moved while it is %s",
    (state) => {
      const reaction = react({ state }, { etag: '"2"', startsAt: saturday });

      expect(reaction?.change).toMatchObject({ state: "planned", movedTo: saturday, hurry: true });
      const [notice] = reaction?.notices ?? [];
      expect(notice).toMatchObject({ about: { deletion: aDeletion().id, revision: 2 } });
      expect(notice?.message).toMatch(/moved in the calendar to Sat 28 Nov 2026.*confirms/);
    },
  );

  it("is not moved by our own writing of which the answer was lost", () => {
    const rescheduled = { dueAt: saturday, event: { etag: '"1"', startsAt: friday } };
    const reaction = react(rescheduled, { etag: '"2"', startsAt: saturday });

    expect(reaction?.change).toEqual({ event: { etag: '"2"', startsAt: saturday } });
  });

  it.each([
    ["is made to repeat", { recurring: true }],
    ["has a time that cannot be read", { startsAt: undefined }],
  ])("is held once when its event %s", (_, event) => {
    expect(react({}, event)?.change).toMatchObject({ state: "held" });
    expect(react({}, event)?.notices).toHaveLength(2);
    expect(react({ state: "held" }, event)).toBeUndefined();
  });

  it("is left alone until it is in the calendar", () => {
    expect(react({ state: "inserting", event: undefined }, { startsAt: saturday })).toBeUndefined();
  });
});

describe("a deletion that has passed the point of no return", () => {
  it.each([{ cancelled: true }, { startsAt: saturday }])(
    "is only told to be too late: %j",
    (event) => {
      const reaction = react({ state: "destroying" }, event);

      expect(reaction?.change).toEqual({});
      expect(reaction?.notices[0]?.message).toContain("too late");
    },
  );
});

describe("a deletion that is over", () => {
  const cancelled = { state: "cancelled", eventGone: true } as const;

  it("comes back unconfirmed when its event comes out of the bin", () => {
    const reaction = react(cancelled, { etag: '"3"' });

    expect(reaction?.change).toMatchObject({ state: "planned", movedTo: friday, eventGone: false });
    expect(reaction?.notices[0]?.message).toContain("unless somebody confirms");
  });

  it("does not come back by an event that is only about to be removed", () => {
    expect(react({ state: "cancelled" }, {})).toBeUndefined();
  });

  it("has its event removed again when the guest is gone", () => {
    const reaction = react({ state: "done", eventGone: true }, { etag: '"3"' });

    expect(reaction?.change).toEqual({ eventGone: false, hurry: true });
    expect(reaction?.notices[0]?.message).toContain("too late");
  });

  it("takes note that its event is gone", () => {
    expect(react({ state: "done" }, { cancelled: true })?.change).toEqual({ eventGone: true });
    expect(react(cancelled, { cancelled: true })).toBeUndefined();
  });
});

describe("an event that is not in the calendar at all", () => {
  it.each(open)("cancels a deletion that is %s", (state) => {
    expect(reactToAbsence(aDeletion({ state }))?.change).toMatchObject({ state: "cancelled" });
  });

  it("changes nothing about one that is not there yet, or has passed the point of no return", () => {
    expect(reactToAbsence(aDeletion({ state: "inserting", event: undefined }))).toBeUndefined();
    expect(reactToAbsence(aDeletion({ state: "destroying" }))).toBeUndefined();
    expect(reactToAbsence(aDeletion({ state: "cancelled", eventGone: true }))).toBeUndefined();
  });
});
