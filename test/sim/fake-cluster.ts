import type { GuestDetail, GuestKind } from "#src/proxmox/guest.ts";
import type { Backup, TaskState } from "#src/proxmox/guest-changes.ts";
import { ProxmoxError } from "#src/proxmox/proxmox-error.ts";
import type { Random } from "./random.ts";

/** A guest as it is, with a number that no other guest ever has. */
export interface FakeGuest {
  readonly uid: number;
  readonly vmid: number;
  readonly kind: GuestKind;
  readonly fingerprint: string;
  readonly bornAt: number;
  name: string;
  node: string;
  running: boolean;
  protection: boolean;
  template: boolean;
  haManaged: boolean;
  lock: string | undefined;
  tags: string[];
  /** The token may not see it. */
  hidden: boolean;
  /** Who made it stop last. */
  stoppedBy: "us" | "person" | undefined;
  /** A destroy that failed has removed some. */
  disksLost: boolean;
}

export type TaskType = "shutdown" | "stop" | "start" | "backup" | "destroy" | "create" | "restore";

export interface FakeTask {
  readonly upid: string;
  readonly type: TaskType;
  readonly vmid: number;
  /** The guest's. */
  readonly uid: number;
  readonly startedAt: number;
  endsAt: number;
  state: TaskState;
}

export interface FakeBackup extends Backup {
  readonly uid: number;
  readonly upid: string;
  readonly storage: string;
}

/** How often what goes wrong in the cluster itself. */
export interface ClusterRates {
  readonly stubborn: number;
  readonly taskFails: number;
  readonly destroyFails: number;
  readonly longBackup: number;
}

export interface FakeCluster {
  readonly guests: ReadonlyMap<number, FakeGuest>;
  readonly tasks: ReadonlyMap<string, FakeTask>;
  readonly backups: FakeBackup[];
  /** While it is set, nothing answers. */
  isDown: boolean;
  isQuorate: boolean;
  /** Whether the token may read what others did. */
  seesHistory: boolean;
  /** Adds a guest; `like` makes it look the same to whoever compares fingerprints. */
  create(vmid: number, like?: FakeGuest): FakeGuest;
  /** A person destroys it, in Proxmox. */
  destroyByHand(vmid: number): void;
  /** Starts a task that we asked for; the world goes on from there by itself. */
  begin(type: TaskType, guest: FakeGuest, note?: { storage: string; text: string }): FakeTask;
}

interface Deps {
  readonly random: Random;
  readonly rates: ClusterRates;
  now(): number;
  at(time: number, run: () => void): void;
}

const second = 1_000;
const minute = 60 * second;
const proxmoxType = {
  shutdown: "vzshutdown",
  stop: "vzstop",
  start: "vzstart",
  backup: "vzdump",
  destroy: "vzdestroy",
  create: "vzcreate",
  restore: "vzrestore",
} as const;

/** A cluster in memory: guests, tasks that take their time, and VMIDs that are handed out again. */
export function createFakeCluster({ random, rates, now, at }: Deps): FakeCluster {
  const guests = new Map<number, FakeGuest>();
  const tasks = new Map<string, FakeTask>();
  const backups: FakeBackup[] = [];
  let uids = 0;

  function addTask(type: TaskType, { vmid, uid, node }: FakeGuest, duration: number): FakeTask {
    const number = (tasks.size + 1).toString(16).toUpperCase().padStart(8, "0");
    const time = Math.floor(now() / second)
      .toString(16)
      .toUpperCase();
    const upid = `UPID:${node}:${number}:00000001:${time}:${proxmoxType[type]}:${vmid}:us@pve!bot:`;
    const state = { kind: "running" } as const;
    const task = { upid, type, vmid, uid, startedAt: now(), endsAt: now() + duration, state };
    tasks.set(upid, task);
    return task;
  }

  function durationOf(type: TaskType, isStubborn: boolean): number {
    switch (type) {
      case "shutdown":
        return isStubborn ? 5 * minute : random.spread(3 * second, 90 * second);
      case "backup":
        return random.chance(rates.longBackup)
          ? random.spread(20 * minute, 9 * 60 * minute)
          : random.spread(5 * second, 4 * minute);
      case "destroy":
        return random.spread(second, 3 * minute);
      default:
        return random.spread(second, 10 * second);
    }
  }

  /** What a task that ended well has done. */
  function takeEffect({ type, upid, vmid, uid }: FakeTask, note: BackupNote | undefined): void {
    const guest = guests.get(vmid);
    if (guest?.uid !== uid) return;
    if (type === "destroy") guests.delete(vmid);
    if (type === "start") guest.running = true;
    if ((type === "shutdown" || type === "stop") && guest.running) {
      guest.running = false;
      guest.stoppedBy = "us";
    }
    if (type === "backup" && note) backups.push(backupOf(guest, upid, note));
  }

  function backupOf(guest: FakeGuest, upid: string, { storage, text }: BackupNote): FakeBackup {
    const { vmid, kind, uid } = guest;
    const volume = `${storage}:backup/vzdump-lxc-${vmid}-${backups.length + 1}.tar.zst`;
    const facts = { vmid, kind, uid, upid, storage, createdAt: now(), size: 1 };
    return { volume, protected: true, notes: text, ...facts };
  }

  function end(task: FakeTask, note: BackupNote | undefined, fails: boolean): void {
    const guest = guests.get(task.vmid);
    const isThere = guest?.uid === task.uid;
    const ok = isThere && !fails;
    task.state = { kind: "ended", ok, exitStatus: ok ? "OK" : "it went wrong" };
    if (isThere && (task.type === "backup" || task.type === "destroy")) guest.lock = undefined;
    if (ok) takeEffect(task, note);
    else if (isThere && task.type === "destroy") guest.disksLost = true;
  }

  return {
    guests,
    tasks,
    backups,
    isDown: false,
    isQuorate: true,
    seesHistory: true,
    create(vmid, like) {
      uids += 1;
      const guest: FakeGuest = {
        uid: uids,
        vmid,
        kind: like?.kind ?? "ct",
        fingerprint: like?.fingerprint ?? `ct:${uids}`,
        bornAt: now(),
        name: like?.name ?? `guest-${uids}`,
        node: `pve${random.between(1, 3)}`,
        running: random.chance(0.6),
        protection: false,
        template: false,
        haManaged: false,
        lock: undefined,
        tags: [],
        hidden: false,
        stoppedBy: undefined,
        disksLost: false,
      };
      guests.set(vmid, guest);
      const task = addTask(like ? "restore" : "create", guest, 0);
      task.state = { kind: "ended", ok: true, exitStatus: "OK" };
      return guest;
    },
    destroyByHand(vmid) {
      const guest = guests.get(vmid);
      if (!guest) return;
      guests.delete(vmid);
      const task = addTask("destroy", guest, 0);
      task.state = { kind: "ended", ok: true, exitStatus: "OK" };
    },
    begin(type, guest, note) {
      const isStubborn = type === "shutdown" && random.chance(rates.stubborn);
      const task = addTask(type, guest, durationOf(type, isStubborn));
      const failure = type === "destroy" ? rates.destroyFails : rates.taskFails;
      const fails = isStubborn || random.chance(failure);
      if (type === "backup" || type === "destroy") guest.lock = type;
      at(task.endsAt, () => end(task, note, fails));
      return task;
    },
  };
}

interface BackupNote {
  readonly storage: string;
  readonly text: string;
}

/** The guest, as a live reading shows it. */
export function detailOf(guest: FakeGuest): GuestDetail {
  const { vmid, kind, name, node, fingerprint, protection, template, haManaged } = guest;
  return {
    vmid,
    kind,
    name,
    node,
    fingerprint,
    protection,
    template,
    haManaged,
    lock: guest.lock,
    status: guest.running ? "running" : "stopped",
    tags: [...guest.tags],
    disks: [],
    addresses: [],
    cpu: 0,
    memoryUsed: 0,
    memoryTotal: 1,
    diskTotal: 1,
    uptime: 1,
  };
}

/** The guest of that VMID, as far as the token sees it. */
export function seen(cluster: FakeCluster, vmid: number): FakeGuest {
  const guest = cluster.guests.get(vmid);
  if (guest && !guest.hidden) return guest;
  throw new ProxmoxError("no-such-guest", `There is no guest ${vmid}.`);
}
