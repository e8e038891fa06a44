import { calendarActs, move, remove } from "./calendar-acts.ts";
import { clusterActs, recreate, restoreByHand } from "./cluster-acts.ts";
import type { Doomed } from "./ledger.ts";
import { outageActs } from "./outages.ts";
import type { Random } from "./random.ts";
import { cancel, postpone, scheduleActs, scheduleDeletion } from "./schedule-acts.ts";
import type { Universe } from "./universe.ts";

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** What a person, or chance, may do about a deletion at some moment. */
export type Act = (universe: Universe, doomed: Doomed, random: Random) => void | Promise<void>;

const acts: readonly (readonly Act[])[] = [calendarActs, scheduleActs, clusterActs, outageActs];

/** In which a person may meddle: just before a guest is touched, and while it is. */
const moments = /^(pve\.(find|history|read|shutdown|backup|destroy|start)|calendar\.(change|find))/;

/** After which it is too late, or nearly so. */
const lastMoments = /^(pve\.read-to-destroy|calendar\.(change|find))/;
/** What hurts most then. */
const lastActs: typeof acts = [
  [recreate, restoreByHand],
  [cancel, postpone],
  [move, remove],
];

/** Lets people schedule deletions until `end`, and do what people do to them. */
export function letPeopleAct(universe: Universe, random: Random, end: number): void {
  const { simulation, profile } = universe;
  const start = simulation.now();
  const together = start + random.between(26 * hour, 40 * hour);

  for (let count = 0; count < profile.deletions; count += 1) {
    const vmid = 101 + count;
    universe.cluster.create(vmid);
    const at = start + minute + random.between(0, (end - start) / 2);
    const isTogether = profile.isBurst && together > at;
    const notice = random.pick([0, 20 * minute, 2 * hour, 25 * hour, 30 * hour]);
    const dueAt = isTogether ? together : at + notice;
    simulation.at(at, () => schedule(universe, random, vmid, dueAt, end));
  }
  simulation.onIo((name) => {
    if (!simulation.isFaulty || !moments.test(name)) return;
    const isLast = lastMoments.test(name);
    if (!random.chance(profile.meddling * (isLast ? 2 : 1))) return;
    const near = universe.ledger.doomed.filter((doomed) => isNear(doomed, simulation.now()));
    const doomed = near.find(({ id, vmid }) => name.includes(id) || name.endsWith(` ${vmid}`));
    if (!doomed) return;
    const delay = random.spread(1, isLast ? second : minute);
    const choices = isLast && random.chance(0.7) ? lastActs : acts;
    plan(universe, random, doomed, simulation.now() + delay, end, choices);
  });
}

async function schedule(
  universe: Universe,
  random: Random,
  vmid: number,
  dueAt: number,
  end: number,
): Promise<void> {
  const doomed = await scheduleDeletion(universe, random, vmid, dueAt);
  if (!doomed) return;
  const from = universe.simulation.now();
  for (let count = random.between(0, universe.profile.acts); count > 0; count -= 1) {
    const at = random.chance(0.6)
      ? dueAt + random.between(-45 * minute, 45 * minute)
      : random.between(from, dueAt + 8 * hour);
    plan(universe, random, doomed, Math.max(at, from), end);
  }
}

function plan(
  universe: Universe,
  random: Random,
  doomed: Doomed,
  at: number,
  end: number,
  choices = acts,
): void {
  if (at >= end) return;
  const act = random.pick(random.pick(choices));
  universe.simulation.at(at, async () => {
    const { simulation } = universe;
    simulation.trace.note(simulation.now(), "people", `${act.name} ${doomed.id} (${doomed.vmid})`);
    await act(universe, doomed, random);
    for (const alarm of Object.values(universe.alarms)) alarm.stir();
  });
}

function isNear({ words }: Doomed, now: number): boolean {
  const word = words.at(-1);
  return word?.kind === "confirmed" && Math.abs(now - word.dueAt) < 8 * hour;
}
