import type { GuestRisk } from "#src/proxmox/guest-risk.ts";
import type { Random } from "#test/sim/random.ts";
import { choose } from "./chance.ts";
import { createRisk } from "./world-risks.ts";

/** A guest as it is in truth: `uid` tells it from whatever else has its VMID before and after it. */
export interface TrueGuest {
  readonly uid: number;
  readonly vmid: number;
  readonly kind: "ct" | "vm";
  readonly fingerprint: string;
  name: string;
  node: string;
  running: boolean;
  tags: readonly string[];
  owner: string | undefined;
  protection: boolean;
  template: boolean;
  lock: string | undefined;
  haManaged: boolean;
  /** Somebody has said that it is to stay, until then; as of a look at it. */
  toStay?: { readonly until: number | undefined } | undefined;
  /** What a change to it would put at risk; nothing is known of it where that is absent. */
  risk?: GuestRisk;
  /** What Proxmox says of it besides. */
  more?: Readonly<Record<string, unknown>>;
}

/** The cluster, and all that ever was in it. */
export interface World {
  readonly guests: Map<number, TrueGuest>;
  /** Also of guests that are gone. */
  readonly byFingerprint: Map<string, TrueGuest>;
}

/** The third tries to pass for another guest's label, the fourth to hide what follows. */
const names = [
  "web",
  "db",
  "web (CT 101 on pve1)",
  "ci\u202e\u200b",
  "runner",
  "100",
  "<!channel>",
];
const nodes = ["pve1", "pve2"];
const tags = [["protected"], ["prod"], ["prod", "web"], ...Array<string[]>(7).fill([])];
const owners = ["alice", "bob", "dora", undefined];
const vmids = [100, 101, 102, 103];

/** A cluster of a few guests, some of which share a name. */
export function createWorld(random: Random): World {
  const world: World = { guests: new Map(), byFingerprint: new Map() };
  for (const vmid of vmids) if (random.chance(0.85)) addGuest(world, random, vmid);
  return world;
}

function addGuest(world: World, random: Random, vmid: number): TrueGuest {
  const uid = world.byFingerprint.size + 1;
  const running = random.chance(0.7);
  const guest: TrueGuest = {
    uid,
    vmid,
    kind: random.pick(["ct", "vm"]),
    fingerprint: `fp-${uid}`,
    name: random.chance(0.8) ? `guest-${vmid}` : random.pick(names),
    node: random.pick(nodes),
    running,
    tags: random.pick(tags),
    owner: choose(random, owners),
    protection: random.chance(0.05),
    template: random.chance(0.04),
    lock: random.chance(0.04) ? "backup" : undefined,
    haManaged: random.chance(0.04),
    risk: createRisk(random, running),
  };
  world.guests.set(vmid, guest);
  world.byFingerprint.set(guest.fingerprint, guest);
  return guest;
}

/** Something happens to a guest, or to this one, that nobody told us; says what. */
export function changeWorld(
  world: World,
  random: Random,
  vmid = random.pick([...world.guests.keys(), random.pick(vmids)]),
): string {
  const guest = world.guests.get(vmid);
  if (!guest) {
    addGuest(world, random, vmid);
    return `${vmid} is created`;
  }
  const change = random.pick(changes);
  change.act(world, guest, random);
  return `${vmid} ${change.name}`;
}

interface Change {
  readonly name: string;
  act(world: World, guest: TrueGuest, random: Random): void;
}

/** A freed VMID is taken at once, by a guest that looks the same to people. */
function replace(world: World, guest: TrueGuest, random: Random): void {
  const { name, kind, node, running } = guest;
  const successor = addGuest(world, random, guest.vmid);
  const lookalike = { ...successor, name, kind, node, running };
  world.guests.set(guest.vmid, lookalike);
  world.byFingerprint.set(lookalike.fingerprint, lookalike);
}

/** Two guests change names, so that a name means the other one from now on. */
function swapNames(world: World, guest: TrueGuest, random: Random): void {
  const other = random.pick([...world.guests.values()]);
  [guest.name, other.name] = [other.name, guest.name];
}

function tagOtherwise(_: World, guest: TrueGuest, random: Random): void {
  guest.tags = random.pick([["protected"], ["prod"], ["prod"], []]);
  guest.owner = choose(random, owners);
}

function useOtherwise(_: World, guest: TrueGuest, random: Random): void {
  guest.risk = createRisk(random, guest.running);
}

const changes: readonly Change[] = [
  { name: "is replaced", act: replace },
  { name: "is replaced", act: replace },
  { name: "is replaced", act: replace },
  { name: "changes its name with another", act: swapNames },
  { name: "is removed", act: (world, { vmid }) => world.guests.delete(vmid) },
  {
    name: "is renamed",
    act: (_, guest, random) => {
      guest.name = random.pick(names);
    },
  },
  { name: "gets other tags", act: tagOtherwise },
  { name: "gets other tags", act: tagOtherwise },
  {
    name: "is protected or not any more",
    act: (_, guest) => {
      guest.protection = !guest.protection;
    },
  },
  {
    name: "is locked or not any more",
    act: (_, guest) => {
      guest.lock = guest.lock ? undefined : "backup";
    },
  },
  {
    name: "is managed by HA or not any more",
    act: (_, guest) => {
      guest.haManaged = !guest.haManaged;
    },
  },
  {
    name: "moves to another node",
    act: (_, guest, random) => {
      guest.node = random.pick(nodes);
    },
  },
  {
    name: "starts or stops",
    act: (world, guest, random) => {
      guest.running = !guest.running;
      useOtherwise(world, guest, random);
    },
  },
  { name: "comes to be used or not any more", act: useOtherwise },
  { name: "comes to be used or not any more", act: useOtherwise },
];
