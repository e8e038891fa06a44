import { Temporal } from "temporal-polyfill";
import type { Doomed } from "./ledger.ts";
import type { Act } from "./people.ts";
import type { Random } from "./random.ts";
import type { Universe } from "./universe.ts";

const minute = 60_000;
const hour = 60 * minute;

/** What people do to an event with a calendar of their own; nothing where there is none. */
export const calendarActs: readonly Act[] = [
  move,
  move,
  moveBack,
  remove,
  remove,
  restore,
  rename,
  touch,
  repeat,
  duplicate,
  addForeign,
];

function present({ calendar }: Universe, { id }: Doomed) {
  const event = calendar.find(id);
  return event?.cancelled ? undefined : event;
}

export function move(universe: Universe, doomed: Doomed, random: Random): void {
  if (!present(universe, doomed)) return;
  const distance = random.pick([-2 * hour, -minute, 5 * minute, hour, 26 * hour]);
  const startsAt = wholeSecond(universe.simulation.now() + distance);
  universe.calendar.edit(doomed.id, { startsAt });
}

/** To where it was confirmed to be. */
function moveBack(universe: Universe, doomed: Doomed): void {
  const word = doomed.words.findLast(({ kind }) => kind === "confirmed");
  if (!present(universe, doomed) || word?.kind !== "confirmed") return;
  const startsAt = Temporal.Instant.fromEpochMilliseconds(word.dueAt);
  universe.calendar.edit(doomed.id, { startsAt });
}

export function remove(universe: Universe, doomed: Doomed): void {
  if (present(universe, doomed)) universe.calendar.remove(doomed.id);
}

function restore({ calendar }: Universe, { id }: Doomed): void {
  calendar.restore(id);
}

function rename(universe: Universe, doomed: Doomed): void {
  if (present(universe, doomed)) universe.calendar.edit(doomed.id, { title: "Something else" });
}

function touch(universe: Universe, doomed: Doomed): void {
  if (present(universe, doomed)) universe.calendar.touch(doomed.id);
}

function repeat(universe: Universe, doomed: Doomed): void {
  if (present(universe, doomed)) universe.calendar.edit(doomed.id, { recurring: true });
}

/** A copy of ours, marks and all, at another time. */
function duplicate(universe: Universe, doomed: Doomed, random: Random): void {
  const event = present(universe, doomed);
  if (!event) return;
  const at = universe.simulation.now() + random.pick([0, hour, 26 * hour]);
  const startsAt = wholeSecond(at);
  const title = `${event.title} (${universe.calendar.sequence})`;
  universe.calendar.addForeign({ title, startsAt, marks: event.marks });
}

/** An event of somebody's own, in the words of ours. */
function addForeign({ calendar, simulation }: Universe, { vmid }: Doomed): void {
  const startsAt = wholeSecond(simulation.now() + hour);
  const title = `Delete ${vmid}, number ${calendar.sequence}`;
  calendar.addForeign({ title, startsAt, marks: { vmid: String(vmid) } });
}

/** Calendars keep no more. */
function wholeSecond(milliseconds: number): Temporal.Instant {
  return Temporal.Instant.fromEpochMilliseconds(Math.floor(milliseconds / 1_000) * 1_000);
}
