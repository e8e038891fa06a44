import { failure } from "./api-error.ts";
import { type GuestConfig, seededConfig } from "./guest-config.ts";
import { type GuestIdentifiers, seededIdentifiers, stableNumber } from "./identity.ts";
import { type ApiKind, kinds } from "./kinds.ts";
import type { Seed, SeedGuest } from "./seed.ts";
import {
  addDisks,
  baseVolumeName,
  cloneVolumeName,
  storageFor,
  storageType,
  volumeName,
} from "./storages.ts";

/** A server of the cluster; any that is there answers for all of them. */
export interface SimulatedNode {
  readonly name: string;
  readonly id: number;
  online: boolean;
  /** Why nobody reaches it, as the answering node puts it. */
  unreachable: string;
}

/** A storage; one of type `nfs` is the same on all of its nodes, any other is one per node. */
export interface Storage {
  readonly id: string;
  readonly content: readonly string[];
  readonly nodes: readonly string[];
  readonly type: "dir" | "lvmthin" | "zfspool" | "nfs";
}

/** A guest as it once was. */
export interface Snapshot {
  readonly name: string;
  readonly description: string;
  /** Seconds since the epoch. */
  readonly time: number;
  readonly config: GuestConfig;
}

/** A container or a virtual machine. */
export interface SimulatedGuest {
  readonly vmid: number;
  readonly kind: ApiKind;
  node: string;
  config: GuestConfig;
  status: "running" | "stopped" | "paused";
  /** Milliseconds since the epoch; of no meaning while it is stopped. */
  startedAt: number;
  snapshots: readonly Snapshot[];
  pool?: string | undefined;
  /** Its system answers nothing: it ignores a shutdown, and its agent is silent. */
  unresponsive: boolean;
}

/** A disk or a backup on a storage. */
export interface Volume {
  readonly volid: string;
  readonly storage: string;
  /** The only node that has it; absent on a shared storage. */
  readonly node?: string | undefined;
  readonly vmid: number;
  readonly content: "rootdir" | "images" | "backup";
  readonly format: string;
  /** Bytes. */
  readonly size: number;
  /** Seconds since the epoch. */
  readonly createdAt: number;
  readonly backup?: BackupDetails | undefined;
}

/** What a volume has besides when it is a backup. */
export interface BackupDetails {
  readonly kind: ApiKind;
  readonly configText: string;
  readonly notes?: string | undefined;
  readonly protected: boolean;
  /** What a check of its content found, as a Proxmox Backup Server notes it. */
  readonly verification?: "ok" | "failed" | undefined;
}

/** What the HA manager knows of a guest that it looks after. */
export interface HaResource {
  readonly sid: string;
  requested: "started" | "stopped";
  /** What the manager made of the request so far; absent until it looked at it. */
  state?: "started" | "stopped" | undefined;
}

/** Copies a guest to another node by and by; in the list only, nothing is copied. */
export interface ReplicationJob {
  readonly id: string;
  readonly vmid: number;
  readonly target: string;
  readonly schedule: string;
}

/** Backs up guests by their VMIDs; in the list only, nothing runs. */
export interface BackupJob {
  readonly id: string;
  readonly storage: string;
  readonly schedule: string;
  vmids: readonly number[];
}

/** The state of the simulated cluster; the routes change it, nothing else keeps any. */
export interface World {
  readonly nodes: ReadonlyMap<string, SimulatedNode>;
  readonly storages: ReadonlyMap<string, Storage>;
  readonly guests: Map<number, SimulatedGuest>;
  readonly volumes: Map<string, Volume>;
  readonly ha: Map<string, HaResource>;
  readonly pools: Map<string, { readonly comment: string }>;
  readonly replication: Map<string, ReplicationJob>;
  readonly backupJobs: Map<string, BackupJob>;
  /** Who gets a VMID as soon as it is free. */
  readonly successors: Map<number, SeedGuest>;
  quorate: boolean;
}

const secondsInMonth = 2_592_000;

/** The cluster as its seed describes it, at the given moment (milliseconds since the epoch). */
export function createWorld(seed: Seed, now: number): World {
  const nodeNames = seed.nodes.map((node) => node.name);
  const storages = seed.storages.map(({ id, content, nodes }) => ({
    id,
    content,
    nodes: nodes ?? nodeNames,
    type: storageType(id),
  }));
  const world: World = {
    nodes: new Map(
      seed.nodes.map(({ name, online }, index) => [
        name,
        { name, id: index + 1, online, unreachable: "Connection refused" },
      ]),
    ),
    storages: new Map(storages.map((storage) => [storage.id, storage])),
    guests: new Map(),
    volumes: new Map(),
    ha: new Map(),
    pools: new Map(),
    replication: new Map(),
    backupJobs: new Map(),
    successors: new Map(),
    quorate: true,
  };
  for (const guest of seed.guests) {
    const uptime = stableNumber(`${guest.vmid}/uptime`, secondsInMonth) + 60;
    putGuest(world, guest, seededIdentifiers(guest), now - uptime * 1000);
  }
  return world;
}

/** Puts a guest into the world; where it runs, since `startedAt`, milliseconds since the epoch. */
export function putGuest(
  world: World,
  seeded: SeedGuest,
  identifiers: GuestIdentifiers,
  startedAt: number,
): void {
  const { vmid, kind, node, status, template, cloneOf } = seeded;
  const storage = storageFor(world, node, kinds[kind].diskContent);
  const volumeOf = (disk: number) => {
    if (template) return baseVolumeName(storage, vmid, disk);
    if (cloneOf !== undefined) return cloneVolumeName(storage, cloneOf, vmid, disk);
    return volumeName(storage, vmid, disk);
  };
  const config = seededConfig(seeded, identifiers, volumeOf);
  world.guests.set(vmid, {
    vmid,
    kind,
    node,
    config,
    status,
    startedAt,
    snapshots: [],
    unresponsive: false,
  });
  addDisks(world, { vmid, kind, node, config }, identifiers.createdAt);
  if (seeded.ha) {
    const state = status === "running" ? "started" : "stopped";
    const sid = haId(kind, vmid);
    world.ha.set(sid, { sid, requested: state, state });
  }
}

/**
 * The guest of that kind on that node.
 *
 * @throws ApiError as Proxmox does, which knows a guest by its configuration file.
 */
export function guestOn(world: World, node: string, kind: ApiKind, vmid: number): SimulatedGuest {
  const guest = world.guests.get(vmid);
  if (guest?.kind === kind && guest.node === node) return guest;
  const { configFolder } = kinds[kind];
  throw failure(`Configuration file 'nodes/${node}/${configFolder}/${vmid}.conf' does not exist`);
}

/** How writing a guest's configuration ends without quorum, for the process that tried. */
export function writeRefusal({ kind, node, vmid }: SimulatedGuest, pid: number): Error {
  const file = `/etc/pve/nodes/${node}/${kinds[kind].configFolder}/${vmid}.conf.tmp.${pid}`;
  return failure(`unable to open file '${file}' - Permission denied`);
}

/** What a guest is called: Proxmox makes up a name where the configuration has none. */
export function nameOf({ kind, vmid, config }: SimulatedGuest): string {
  const name = config[kinds[kind].nameKey];
  if (name !== undefined) return String(name);
  return kind === "lxc" ? `CT${vmid}` : `VM ${vmid}`;
}

/** The node that answers: the first that is there. */
export function localNode(world: World): SimulatedNode | undefined {
  return [...world.nodes.values()].find((node) => node.online);
}

/** The id by which the HA manager knows a guest: `ct:112`. */
export function haId(kind: ApiKind, vmid: number): string {
  return `${kinds[kind].haPrefix}:${vmid}`;
}
