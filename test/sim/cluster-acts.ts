import type { FakeGuest } from "./fake-cluster.ts";
import { type Doomed, stillThere } from "./ledger.ts";
import type { Act } from "./people.ts";
import type { Random } from "./random.ts";
import type { Universe } from "./universe.ts";

const minute = 60_000;
const hour = 60 * minute;

/** What people do in Proxmox itself. */
export const clusterActs: readonly Act[] = [
  destroyByHand,
  recreate,
  recreate,
  restoreByHand,
  restoreByHand,
  startByHand,
  stopByHand,
  protect,
  forbidByTag,
  forbidByTag,
  lock,
  makeTemplate,
  manageByHa,
  hide,
  migrate,
  takeMarkOff,
  revokeRights,
];

function destroyByHand({ cluster }: Universe, doomed: Doomed): void {
  if (stillThere(cluster, doomed)) cluster.destroyByHand(doomed.vmid);
}

/** Another guest gets the VMID, at once or a little later. */
export function recreate({ cluster, simulation }: Universe, doomed: Doomed, random: Random): void {
  if (stillThere(cluster, doomed)) cluster.destroyByHand(doomed.vmid);
  simulation.at(simulation.now() + random.pick([0, 100, 2_000, minute]), () => {
    if (!cluster.guests.has(doomed.vmid)) cluster.create(doomed.vmid);
  });
}

/** The VMID gets a guest that looks the same, such as one that was restored. */
export function restoreByHand(
  { cluster, simulation }: Universe,
  doomed: Doomed,
  random: Random,
): void {
  const guest = stillThere(cluster, doomed);
  if (!guest) return;
  cluster.destroyByHand(doomed.vmid);
  simulation.at(simulation.now() + random.pick([0, 2_000, minute]), () => {
    if (!cluster.guests.has(doomed.vmid)) cluster.create(doomed.vmid, guest);
  });
}

function startByHand({ cluster }: Universe, doomed: Doomed): void {
  const guest = stillThere(cluster, doomed);
  if (guest && !guest.lock) guest.running = true;
}

function stopByHand({ cluster }: Universe, doomed: Doomed): void {
  const guest = stillThere(cluster, doomed);
  if (!guest?.running || guest.lock) return;
  guest.running = false;
  guest.stoppedBy = "person";
}

/** Sets something on the guest, and mostly takes it back later. */
function forAWhile(
  { cluster, simulation }: Universe,
  doomed: Doomed,
  random: Random,
  set: (guest: FakeGuest, is: boolean) => void,
): void {
  const guest = stillThere(cluster, doomed);
  if (!guest) return;
  set(guest, true);
  if (random.chance(0.3)) return;
  const until = simulation.now() + random.spread(minute, 3 * hour);
  simulation.at(until, () => {
    if (stillThere(cluster, doomed)) set(guest, false);
  });
}

function protect(universe: Universe, doomed: Doomed, random: Random): void {
  forAWhile(universe, doomed, random, (guest, is) => {
    guest.protection = is;
  });
}

/** The tag is the policy's affair alone: Proxmox knows nothing of it. */
function forbidByTag(universe: Universe, doomed: Doomed, random: Random): void {
  const { ledger, simulation } = universe;
  forAWhile(universe, doomed, random, (guest, is) => {
    guest.tags = [...guest.tags.filter((tag) => tag !== "protected"), ...(is ? ["protected"] : [])];
    if (is) ledger.protectedSince.set(guest.uid, simulation.now());
    else ledger.protectedSince.delete(guest.uid);
  });
}

function lock(universe: Universe, doomed: Doomed, random: Random): void {
  forAWhile(universe, doomed, random, (guest, is) => {
    // Never on top of a lock that a task has.
    if (is) guest.lock ??= "migrate";
    else if (guest.lock === "migrate") guest.lock = undefined;
  });
}

function makeTemplate(universe: Universe, doomed: Doomed): void {
  const guest = stillThere(universe.cluster, doomed);
  if (guest && !guest.running) guest.template = true;
}

function manageByHa(universe: Universe, doomed: Doomed, random: Random): void {
  forAWhile(universe, doomed, random, (guest, is) => {
    guest.haManaged = is;
  });
}

/** A token that loses a privilege sees nothing. */
function hide({ cluster, simulation }: Universe, doomed: Doomed, random: Random): void {
  const guest = stillThere(cluster, doomed);
  if (!guest) return;
  guest.hidden = true;
  simulation.at(simulation.now() + random.spread(minute, 3 * hour), () => {
    guest.hidden = false;
  });
}

function migrate({ cluster }: Universe, doomed: Doomed, random: Random): void {
  const guest = stillThere(cluster, doomed);
  if (guest && !guest.lock) guest.node = `pve${random.between(1, 3)}`;
}

/** By which a person says in Proxmox that it is to stay. */
function takeMarkOff({ cluster, ledger, simulation }: Universe, doomed: Doomed): void {
  const guest = stillThere(cluster, doomed);
  const kept = guest?.tags.filter((tag) => !tag.startsWith("delete-"));
  if (!guest || !kept || kept.length === guest.tags.length) return;
  guest.tags = kept;
  ledger.unmarkedSince.set(guest.uid, simulation.now());
}

/** Whoever confirmed it may not delete any more. */
function revokeRights({ ledger, simulation }: Universe, { words }: Doomed): void {
  const word = words.at(-1);
  if (word?.kind === "confirmed") ledger.revokedSince.set(word.by, simulation.now());
}
