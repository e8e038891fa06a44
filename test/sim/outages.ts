import type { CalendarErrorKind } from "#src/calendar/calendar-error.ts";
import { type Blindness, blindnesses, type Doomed } from "./ledger.ts";
import type { Act } from "./people.ts";
import type { Random } from "./random.ts";
import type { Universe } from "./universe.ts";

const minute = 60_000;
const hour = 60 * minute;
const faults = [...blindnesses, "proxmox", "posting"] as const;
const calendarFaults: readonly CalendarErrorKind[] = [
  "unreachable",
  "unreachable",
  "busy",
  "read-only",
  "misconfigured",
];

type Fault = (typeof faults)[number];

function isBlinding(what: Fault): what is Blindness {
  return what !== "proxmox" && what !== "posting";
}

/** Takes the servers down now and then, until `end`; after that, all is well. */
export function planOutages(universe: Universe, random: Random, end: number): void {
  const { simulation, profile, calendar, ledger } = universe;
  const start = simulation.now();
  for (let count = 0; count < profile.outages; count += 1) {
    const what = random.pick(faults);
    const fault = random.pick(calendarFaults);
    const near = random.chance(0.7);
    // Mostly around a time at which a deletion is due, when it matters.
    const at = random.between(start, end);
    simulation.at(at, () => {
      const due = ledger.doomed.flatMap(({ words }) => {
        const word = words.at(-1);
        return word?.kind === "confirmed" && word.dueAt > at ? [word.dueAt] : [];
      });
      const from = near && due.length > 0 ? random.pick(due) + random.between(-hour, hour) : at;
      const until = from + random.spread(5 * minute, 4 * hour);
      if (until >= end) return;
      simulation.at(from, () => setOutage(universe, what, true, fault));
      simulation.at(until, () => setOutage(universe, what, false, fault));
    });
  }
  for (let count = 0; count < profile.expiries; count += 1) {
    const forgets = random.chance(0.5);
    simulation.at(random.between(start, end), () => {
      calendar.expireTokens();
      calendar.isForgetful = forgets;
      if (forgets) ledger.amnesias.push(simulation.now());
      universe.alarms.calendar.stir();
      simulation.at(simulation.now() + random.spread(minute, hour), () => {
        calendar.isForgetful = false;
        universe.alarms.calendar.stir();
      });
    });
  }
}

/** What fails right now, for a while. */
export const outageActs: readonly Act[] = [failNow];

function failNow(universe: Universe, _: Doomed, random: Random): void {
  const { simulation } = universe;
  const what = random.pick(faults);
  const fault = random.pick(calendarFaults);
  setOutage(universe, what, true, fault);
  const until = simulation.now() + random.spread(minute, 3 * hour);
  simulation.at(until, () => setOutage(universe, what, false, fault));
}

function setOutage(
  universe: Universe,
  what: Fault,
  isOut: boolean,
  fault: CalendarErrorKind,
): void {
  const { calendar, cluster, slack, ledger, simulation } = universe;
  simulation.trace.note(simulation.now(), "world", `${what} ${isOut ? "fails" : "is well again"}`);
  if (isBlinding(what)) ledger.blindness[what].set(isOut);
  switch (what) {
    case "slack":
      slack.isDown = isOut;
      break;
    case "calendar":
      calendar.outage = isOut ? fault : undefined;
      break;
    case "clock":
      universe.isClockInDoubt = isOut;
      break;
    case "quorum":
      cluster.isQuorate = !isOut;
      break;
    case "history":
      cluster.seesHistory = !isOut;
      break;
    case "posting":
      slack.isMute = isOut;
      break;
    case "proxmox":
      cluster.isDown = isOut;
      break;
  }
}

export function endOutages(universe: Universe): void {
  universe.calendar.isForgetful = false;
  for (const what of faults) {
    setOutage(universe, what, false, "unreachable");
  }
}
