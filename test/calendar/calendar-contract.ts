import type { Temporal } from "temporal-polyfill";
import { describe, expect, it } from "vitest";
import type { Calendar } from "#src/calendar/calendar.ts";
import { describeChanges } from "./calendar-changes-contract.ts";
import { newEvent } from "./events.ts";
import { isError, looking } from "./expectations.ts";

/** What a person does to a calendar with a client of their own. */
export interface CalendarEdits {
  /** To another start; the event stays as long as it was. */
  move(id: string, to: Temporal.Instant): Promise<void>;
  rename(id: string, title: string): Promise<void>;
  remove(id: string): Promise<void>;
  /** Takes a removed event out of the bin, in a calendar that has one. */
  restore?(id: string): Promise<void>;
  /** Adds an event as people do, without id or marks of ours; resolves to its id. */
  addForeign(event: {
    readonly title: string;
    readonly startsAt: Temporal.Instant;
  }): Promise<string>;
}

export interface OpenCalendar {
  readonly calendar: Calendar;
  readonly edit: CalendarEdits;
  /** Makes the calendar forget the tokens that it has handed out, where a test can. */
  expireTokens?(): Promise<void>;
}

const { startsAt: start } = newEvent();
const later = start.add({ hours: 30 });
const { signal } = new AbortController();

/**
 * What every calendar promises, whatever is behind it.
 *
 * @param open a calendar for one test, which may hold events of others. It is closed by whoever
 *   opened it, when the test is over.
 */
export function describeCalendar(name: string, open: () => Promise<OpenCalendar>): void {
  describe(name, () => {
    describeEvents(open);
    describeConditionalChanges(open);
    describeChanges(open);
    describeAborts(open);
  });
}

function describeEvents(open: () => Promise<OpenCalendar>): void {
  it("keeps an event as it was added", async () => {
    const { calendar } = await open();
    const event = newEvent();

    const added = await calendar.insert(event, signal);

    const { id, title, startsAt, marks } = event;
    expect(added).toEqual(
      looking({ id, title, startsAt, marks, cancelled: false, recurring: false }),
    );
    expect(await calendar.find(id, signal)).toEqual(added);
  });

  it("knows nothing of an event that never was", async () => {
    const { calendar } = await open();

    expect(await calendar.find(newEvent().id, signal)).toBeUndefined();
  });

  it("adds an event once, however often it is told to", async () => {
    const { calendar, edit } = await open();
    const event = newEvent();
    const added = await calendar.insert(event, signal);
    expect(await calendar.insert(event, signal)).toEqual(added);

    await edit.move(event.id, later);

    expect(await calendar.insert(event, signal)).toEqual(looking({ startsAt: later }));
    expect(await calendar.find(event.id, signal)).toEqual(looking({ startsAt: later }));
  });

  it("does not bring a removed event back by adding it again", async () => {
    const { calendar, edit } = await open();
    const event = newEvent();
    await calendar.insert(event, signal);
    await edit.remove(event.id);

    expect(await calendar.insert(event, signal)).toEqual(looking({ cancelled: true }));
    expect(await calendar.find(event.id, signal)).toEqual(looking({ cancelled: true }));
  });

  it("remembers that a removed event was there", async () => {
    const { calendar } = await open();
    const { id } = await calendar.insert(newEvent(), signal);

    await calendar.remove(id, signal);

    expect(await calendar.find(id, signal)).toEqual(looking({ id, cancelled: true }));
  });

  it("removes an event that was changed meanwhile, and minds no second removal", async () => {
    const { calendar, edit } = await open();
    const { id } = await calendar.insert(newEvent(), signal);
    await edit.move(id, later);

    await calendar.remove(id, signal);
    await calendar.remove(id, signal);
    await calendar.remove(newEvent().id, signal);

    expect(await calendar.find(id, signal)).toEqual(looking({ cancelled: true }));
  });

  it("keeps the text of an event as it is, whatever is written there", async () => {
    const { calendar } = await open();
    const title = `<b>"web"</b> & \\n 'Ωß' 🗑 ; DROP`;
    const marks = { "text-1": `a=b&c;"d" 🗑` };

    const { id } = await calendar.insert(newEvent({ title, marks }), signal);

    expect(await calendar.find(id, signal)).toEqual(looking({ title, marks }));
  });
}

function describeConditionalChanges(open: () => Promise<OpenCalendar>): void {
  it("changes what it is told to, and leaves the rest", async () => {
    const { calendar } = await open();
    const added = await calendar.insert(newEvent(), signal);

    const titled = await calendar.change(
      added.id,
      added.etag,
      { title: "Being deleted", marks: { state: "executing", revision: "2" } },
      signal,
    );

    expect(titled).toEqual(
      looking({
        title: "Being deleted",
        startsAt: start,
        marks: { revision: "2", vmid: "101", state: "executing" },
      }),
    );
    const time = { startsAt: later, timeZone: "America/New_York" };
    const moved = await calendar.change(added.id, titled.etag, { time }, signal);
    expect(moved).toEqual({ ...titled, startsAt: later, etag: moved.etag });
    expect(await calendar.find(added.id, signal)).toEqual(moved);
  });

  it("gives each version an etag of its own", async () => {
    const { calendar, edit } = await open();
    const added = await calendar.insert(newEvent(), signal);
    const changed = await calendar.change(added.id, added.etag, { title: "Other" }, signal);
    await edit.move(added.id, later);
    const moved = await calendar.find(added.id, signal);
    await edit.move(added.id, start);
    const movedBack = await calendar.find(added.id, signal);

    const etags = [added.etag, changed.etag, moved?.etag, movedBack?.etag];
    expect(new Set(etags).size).toBe(4);
  });

  it.each<[string, (edit: CalendarEdits, id: string) => Promise<void>]>([
    ["moved", (edit, id) => edit.move(id, later)],
    ["renamed", (edit, id) => edit.rename(id, "Do not delete")],
  ])("changes no version that a person has %s since", async (_, act) => {
    const { calendar, edit } = await open();
    const { id, etag } = await calendar.insert(newEvent(), signal);
    await act(edit, id);
    const before = await calendar.find(id, signal);

    const change = calendar.change(id, etag, { title: "Being deleted" }, signal);

    await expect(change).rejects.toEqual(isError("changed"));
    expect(await calendar.find(id, signal)).toEqual(before);
  });

  it("changes no event that was removed, whichever version is named", async () => {
    const { calendar, edit } = await open();
    const { id, etag } = await calendar.insert(newEvent(), signal);
    await edit.remove(id);
    const removed = await calendar.find(id, signal);

    for (const version of [etag, removed?.etag ?? ""]) {
      const change = calendar.change(id, version, { title: "Being deleted" }, signal);
      await expect(change).rejects.toEqual(isError("gone"));
    }
    expect(await calendar.find(id, signal)).toEqual(looking({ cancelled: true }));
  });

  it("changes no event that never was", async () => {
    const { calendar } = await open();
    const { etag } = await calendar.insert(newEvent(), signal);

    const change = calendar.change(newEvent().id, etag, { title: "Being deleted" }, signal);

    await expect(change).rejects.toEqual(isError("gone"));
  });

  it("lets one of two changes of the same version through", async () => {
    const { calendar } = await open();
    const { id, etag } = await calendar.insert(newEvent(), signal);

    const outcomes = await Promise.allSettled(
      ["first", "second"].map((title) => calendar.change(id, etag, { title }, signal)),
    );

    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(outcomes.find(({ status }) => status === "rejected")).toEqual(
      expect.objectContaining({ reason: isError("changed") }),
    );
  });
}

function describeAborts(open: () => Promise<OpenCalendar>): void {
  it("does nothing for who has given up, and throws the reason", async () => {
    const { calendar } = await open();
    const added = await calendar.insert(newEvent(), signal);
    const { token } = await calendar.changes(undefined, signal);
    const reason = new Error("given up");
    const aborted = AbortSignal.abort(reason);
    const other = newEvent();

    const calls = [
      calendar.insert(other, aborted),
      calendar.find(added.id, aborted),
      calendar.change(added.id, added.etag, { title: "Being deleted" }, aborted),
      calendar.remove(added.id, aborted),
      calendar.changes(token, aborted),
    ];

    const outcomes = await Promise.allSettled(calls);
    expect(outcomes).toEqual(calls.map(() => ({ status: "rejected", reason })));
    expect(await calendar.find(added.id, signal)).toEqual(added);
    expect(await calendar.find(other.id, signal)).toBeUndefined();
  });
}
