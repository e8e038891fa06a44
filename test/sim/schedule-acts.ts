import { Temporal } from "temporal-polyfill";
import type { Person } from "#src/deletions/deletion.ts";
import type { Doomed } from "./ledger.ts";
import type { Act } from "./people.ts";
import type { Random } from "./random.ts";
import type { Universe } from "./universe.ts";

const minute = 60_000;
const hour = 60 * minute;
const timeZone = "UTC";
const persons: readonly Person[] = [
  { id: "alice", name: "Alice" },
  { id: "bob", name: "Bob" },
];

/** A person asks for a deletion and confirms it; undefined where there is nothing to delete. */
export async function scheduleDeletion(
  { deletions, cluster, ledger, alarms, simulation, settings }: Universe,
  random: Random,
  vmid: number,
  dueAt: number,
): Promise<Doomed | undefined> {
  const guest = cluster.guests.get(vmid);
  if (!guest) return undefined;
  const { kind, name, node, fingerprint } = guest;
  const requestedBy = random.pick(persons);
  const withoutBackup = settings.backup === undefined || random.chance(0.2);
  const scheduled = await deletions.schedule({
    guest: { vmid, kind, name, node, fingerprint },
    dueAt: instantOf(dueAt),
    timeZone,
    requestedBy,
    confirmedBy: requestedBy,
    withoutBackup,
  });
  if (!scheduled) return undefined;
  const doomed = ledger.add({ id: scheduled.id, requestedBy: requestedBy.id }, guest);
  const { revision } = scheduled;
  const due = scheduled.dueAt.epochMilliseconds;
  const word = { at: simulation.now(), dueAt: due, revision, by: requestedBy.id, withoutBackup };
  doomed.words.push({ kind: "confirmed", ...word });
  simulation.trace.note(simulation.now(), "people", `schedule ${doomed.id} (${vmid}) ${dueAt}`);
  alarms.deletions.stir();
  return doomed;
}

/** What people say about a deletion: to us, who do as they say or tell them that it is too late. */
export const scheduleActs: readonly Act[] = [
  cancel,
  postpone,
  deleteNow,
  deleteNow,
  askForAnotherTime,
  again,
];

export async function cancel(
  { deletions, simulation }: Universe,
  { id, words }: Doomed,
): Promise<void> {
  const heard = await deletions.cancel(id, persons[0] ?? { id: "alice", name: "Alice" });
  if (heard) words.push({ kind: "cancelled", at: simulation.now() });
}

export async function postpone(universe: Universe, doomed: Doomed, random: Random): Promise<void> {
  const delay = random.pick([10 * minute, hour, 25 * hour]);
  await reschedule(universe, doomed, universe.simulation.now() + delay, {
    by: random.pick(persons),
    withoutBackup: universe.settings.backup === undefined,
  });
}

/** As the buttons of a held deletion do: without a backup, and beyond the limit. */
async function deleteNow(universe: Universe, doomed: Doomed, random: Random): Promise<void> {
  await reschedule(universe, doomed, universe.simulation.now(), {
    by: random.pick(persons),
    withoutBackup: universe.settings.backup === undefined || random.chance(0.5),
    beyondLimit: random.chance(0.5),
  });
}

/** Another time that nobody has confirmed yet. */
async function askForAnotherTime(universe: Universe, doomed: Doomed, random: Random) {
  await reschedule(universe, doomed, universe.simulation.now() + random.between(0, 3 * hour));
}

/** Whoever has the VMID by now is to go as well. */
async function again(universe: Universe, { vmid }: Doomed, random: Random): Promise<void> {
  const notice = random.pick([0, 20 * minute, 2 * hour]);
  await scheduleDeletion(universe, random, vmid, universe.simulation.now() + notice);
}

interface Confirmation {
  readonly by: Person;
  readonly withoutBackup: boolean;
  readonly beyondLimit?: boolean;
}

async function reschedule(
  { deletions, simulation }: Universe,
  { id, words }: Doomed,
  dueAt: number,
  confirmation?: Confirmation,
): Promise<void> {
  const deletion = await deletions.find(id);
  if (!deletion) return;
  const { by, withoutBackup = false, beyondLimit = false } = confirmation ?? {};
  const time = { dueAt: instantOf(dueAt), timeZone, confirmedBy: by };
  const moved = await deletions.reschedule(deletion, { ...time, withoutBackup, beyondLimit });
  if (!moved) return;
  const at = simulation.now();
  const { revision } = moved;
  const due = moved.dueAt.epochMilliseconds;
  if (!by) words.push({ kind: "unconfirmed", at, dueAt: due });
  else words.push({ kind: "confirmed", at, dueAt: due, revision, by: by.id, withoutBackup });
}

function instantOf(milliseconds: number): Temporal.Instant {
  return Temporal.Instant.fromEpochMilliseconds(milliseconds);
}
