import { expect, it } from "vitest";
import type { Calendar, CalendarEvent } from "#src/calendar/calendar.ts";
import type { OpenCalendar } from "./calendar-contract.ts";
import { newEvent } from "./events.ts";
import { isError, looking } from "./expectations.ts";

const { startsAt: start } = newEvent();
const later = start.add({ hours: 30 });
const { signal } = new AbortController();

/** The one that tells of this event, of which there is one at most. */
function found(events: readonly CalendarEvent[], id: string): CalendarEvent | undefined {
  const [event, ...others] = events.filter((candidate) => candidate.id === id);
  expect(others).toEqual([]);
  return event;
}

/** What was said about one event since the token. */
async function changeOf(calendar: Calendar, token: string, id: string) {
  const { events, complete } = await calendar.changes(token, signal);
  expect(complete).toBe(false);
  return found(events, id);
}

async function tokenOf(calendar: Calendar): Promise<string> {
  return (await calendar.changes(undefined, signal)).token;
}

/** What every calendar promises about the telling of what changed. */
export function describeChanges(open: () => Promise<OpenCalendar>): void {
  it("lists everything that is there to who has no token", async () => {
    const { calendar, edit } = await open();
    const kept = await calendar.insert(newEvent(), signal);
    const { id: removedId } = await calendar.insert(newEvent(), signal);
    await edit.remove(removedId);

    const { events, complete } = await calendar.changes(undefined, signal);

    expect(complete).toBe(true);
    expect(found(events, kept.id)).toEqual(kept);
    expect(found(events, removedId)?.cancelled ?? true).toBe(true);
  });

  it("has nothing to say as long as nothing changes", async () => {
    const { calendar } = await open();
    await calendar.insert(newEvent(), signal);
    const token = await tokenOf(calendar);

    const first = await calendar.changes(token, signal);
    const second = await calendar.changes(first.token, signal);

    expect([first, second]).toEqual([
      expect.objectContaining({ events: [], complete: false }),
      expect.objectContaining({ events: [], complete: false }),
    ]);
  });

  it("tells of each event once, as it is by now", async () => {
    const { calendar, edit } = await open();
    const { id, etag } = await calendar.insert(newEvent(), signal);
    const { id: untouched } = await calendar.insert(newEvent(), signal);
    const token = await tokenOf(calendar);
    await calendar.change(id, etag, { title: "Being deleted" }, signal);
    await edit.move(id, later);

    const { events } = await calendar.changes(token, signal);

    expect(found(events, id)).toEqual(looking({ title: "Being deleted", startsAt: later }));
    expect(found(events, id)).toEqual(await calendar.find(id, signal));
    expect(found(events, untouched)).toBeUndefined();
  });

  it("tells the same again to who comes with the same token", async () => {
    const { calendar, edit } = await open();
    const { id } = await calendar.insert(newEvent(), signal);
    const token = await tokenOf(calendar);
    await edit.move(id, later);

    const first = await changeOf(calendar, token, id);

    expect(first).toEqual(looking({ startsAt: later }));
    expect(await changeOf(calendar, token, id)).toEqual(first);
  });

  it("tells only what happened since the token before", async () => {
    const { calendar, edit } = await open();
    const { id } = await calendar.insert(newEvent(), signal);
    const { id: other } = await calendar.insert(newEvent(), signal);
    const token = await tokenOf(calendar);
    await edit.move(id, later);
    const next = await calendar.changes(token, signal);
    await edit.move(other, later);

    expect(await changeOf(calendar, next.token, id)).toBeUndefined();
    expect(await changeOf(calendar, next.token, other)).toEqual(looking({ startsAt: later }));
  });

  it.each<[string, (open: OpenCalendar, id: string) => Promise<void>]>([
    ["a person", ({ edit }, id) => edit.remove(id)],
    ["us", ({ calendar }, id) => calendar.remove(id, signal)],
  ])("tells that an event was removed by %s", async (_, remove) => {
    const opened = await open();
    const { id } = await opened.calendar.insert(newEvent(), signal);
    const token = await tokenOf(opened.calendar);

    await remove(opened, id);

    const change = await changeOf(opened.calendar, token, id);
    expect(change).toEqual(looking({ id, cancelled: true }));
  });

  it("tells that a removed event is back, under its old id", async ({ skip }) => {
    const { calendar, edit } = await open();
    if (!edit.restore) return skip();
    const { id } = await calendar.insert(newEvent(), signal);
    await edit.remove(id);
    const token = await tokenOf(calendar);

    await edit.restore(id);

    const change = await changeOf(calendar, token, id);
    expect(change).toEqual(looking({ cancelled: false, startsAt: start }));
  });

  it("tells of what people add, which bears no mark of ours", async () => {
    const { calendar, edit } = await open();
    const token = await tokenOf(calendar);

    const id = await edit.addForeign({ title: "Delete web-01", startsAt: later });

    expect(await changeOf(calendar, token, id)).toEqual(
      looking({ title: "Delete web-01", startsAt: later, cancelled: false, marks: {} }),
    );
  });

  it("takes what it has just said as the version to change", async () => {
    const { calendar, edit } = await open();
    const { id } = await calendar.insert(newEvent(), signal);
    const token = await tokenOf(calendar);
    await edit.move(id, later);
    const moved = await changeOf(calendar, token, id);

    const change = calendar.change(id, moved?.etag ?? "", { title: "Being deleted" }, signal);

    await expect(change).resolves.toEqual(looking({ title: "Being deleted", startsAt: later }));
  });

  it("asks for a full reading where a token means nothing", async () => {
    const { calendar } = await open();

    await expect(calendar.changes("no-token-of-mine", signal)).rejects.toEqual(
      isError("token-expired"),
    );
  });

  it("asks for a full reading where a token has expired, and gives one", async ({ skip }) => {
    const { calendar, edit, expireTokens } = await open();
    if (!expireTokens) return skip();
    const { id } = await calendar.insert(newEvent(), signal);
    const token = await tokenOf(calendar);
    await edit.move(id, later);
    await expireTokens();

    await expect(calendar.changes(token, signal)).rejects.toEqual(isError("token-expired"));

    const { events, complete } = await calendar.changes(undefined, signal);
    expect(complete).toBe(true);
    expect(found(events, id)).toEqual(looking({ startsAt: later }));
  });
}
