import type { Cluster } from "#src/proxmox/cluster-status.ts";
import type { GuestHistory, GuestIdentity, Guests } from "#src/proxmox/guest.ts";
import type {
  BeginOptions,
  BegunDestroy,
  Destroyed,
  FollowOptions,
  GuestBackups,
  GuestDestroyer,
  GuestMarks,
  GuestPreparation,
  Vmids,
} from "#src/proxmox/guest-changes.ts";
import { ProxmoxError, type ProxmoxErrorKind } from "#src/proxmox/proxmox-error.ts";
import {
  detailOf,
  type FakeCluster,
  type FakeGuest,
  type FakeTask,
  seen,
  type TaskType,
} from "./fake-cluster.ts";
import type { Actor, Simulation } from "./simulation.ts";

/** What a request to destroy met, and what the one who sent it had seen last. */
export interface Destroy {
  readonly actor: Actor;
  readonly identity: GuestIdentity;
  readonly guest: FakeGuest;
  /** The guest that was there when the fingerprint was read for the last time, and when. */
  readonly read: { readonly uid: number; readonly at: number };
}

interface Deps {
  readonly simulation: Simulation;
  readonly actor: Actor;
  readonly cluster: FakeCluster;
  /** Told in the moment in which Proxmox accepts it. */
  onDestroy(destroy: Destroy): void;
  /** Told when a guest is shut down, or its power cut. */
  onStop(guest: FakeGuest): void;
  /** Told when the history of a VMID was read. */
  onHistory(vmid: number, uid: number | undefined): void;
}

const followInterval = 2_000;
const followTime = 15 * 60_000;

/** The ports of the cluster, each request of which the simulation carries out or loses. */
export function createClusterPorts(deps: Deps) {
  const { simulation, actor, cluster, onDestroy, onStop, onHistory } = deps;
  const { now } = simulation;

  function request<T>(
    name: string,
    vmid: number | undefined,
    run: () => T,
    lost: ProxmoxErrorKind = "unreachable",
  ) {
    return simulation.io(actor, {
      name: vmid === undefined ? `pve.${name}` : `pve.${name} ${vmid}`,
      run() {
        if (cluster.isDown) throw new ProxmoxError("unreachable", "Proxmox does not answer.");
        return run();
      },
      failure: () => new ProxmoxError(lost, `No answer to ${name}.`),
    });
  }

  function identified({ vmid, fingerprint }: GuestIdentity): FakeGuest {
    const guest = seen(cluster, vmid);
    if (guest.fingerprint === fingerprint) return guest;
    throw new ProxmoxError("changed-guest", `Another guest has VMID ${vmid} now.`);
  }

  const vmidOf = (upid: string) => cluster.tasks.get(upid)?.vmid;

  const findTask = (type: TaskType, vmid: number, since: number) =>
    request("tasks", vmid, () =>
      [...cluster.tasks.values()].find(
        (task) => task.type === type && task.vmid === vmid && task.startedAt >= since,
      ),
    );

  /** Sends what starts a task; where the answer is lost, the task is looked for. */
  async function start(type: TaskType, vmid: number, run: () => FakeTask): Promise<string> {
    const since = now();
    try {
      return (await request(type, vmid, run, "outcome-unknown")).upid;
    } catch (error) {
      if (!(error instanceof ProxmoxError && error.kind === "outcome-unknown")) throw error;
      const found = await findTask(type, vmid, since).catch(() => undefined);
      if (found) return found.upid;
      throw error;
    }
  }

  const beginTask = (type: TaskType, identity: GuestIdentity, note?: BackupNote) =>
    start(type, identity.vmid, () => {
      const guest = cluster.guests.get(identity.vmid);
      if (!guest) throw new ProxmoxError("unexpected", "Its configuration does not exist.");
      if (guest.lock) throw new ProxmoxError("locked", `It is locked (${guest.lock}).`);
      if (type === "shutdown" || type === "stop") onStop(guest);
      return cluster.begin(type, guest, note);
    });

  /** Shuts down, stops or starts it, unless it is that way already. */
  async function power(
    type: "shutdown" | "stop" | "start",
    identity: GuestIdentity,
    { guard }: BeginOptions,
  ) {
    const { running, ending } = await request("read", identity.vmid, () => ({
      running: identified(identity).running,
      ending: [...cluster.tasks.values()].find(isEnding(identity.vmid))?.upid,
    }));
    if (running && type === "start" && ending) return { kind: "stopping", upid: ending } as const;
    if (running === (type === "start")) return { kind: "unchanged" } as const;
    guard?.();
    return { kind: "begun", upid: await beginTask(type, identity) } as const;
  }

  async function follow(upid: string, { onTask }: FollowOptions): Promise<void> {
    const until = now() + followTime;
    while (now() < until) {
      await onTask?.(upid);
      await simulation.sleep(actor, simulation.random.spread(followInterval, 60_000));
      const state = await request("task", vmidOf(upid), () => cluster.tasks.get(upid)?.state).catch(
        () => {},
      );
      if (state?.kind !== "ended") continue;
      if (state.ok) return;
      throw new ProxmoxError("destroy-failed", `It failed: ${state.exitStatus}`, { upid });
    }
    throw new ProxmoxError("still-running", "It still runs.", { upid });
  }

  async function followDestroy(
    upid: string,
    { vmid }: GuestIdentity,
    options: FollowOptions,
  ): Promise<Destroyed> {
    await follow(upid, options);
    const isFree = await request("nextid", vmid, () => !cluster.guests.has(vmid)).catch(
      () => undefined,
    );
    if (isFree) return { upid, leftoverVolumes: [] };
    const kind = isFree === undefined ? "outcome-unknown" : "destroy-failed";
    throw new ProxmoxError(kind, "It cannot be said that it is gone.", { upid });
  }

  const destroyer: GuestDestroyer = {
    async destroy(identity, options) {
      const read = await request("read-to-destroy", identity.vmid, () =>
        readDestroyable(cluster, identified(identity), now()),
      );
      options.guard?.();
      const upid = await start("destroy", identity.vmid, () => {
        const guest = destroyable(cluster, identity.vmid);
        onDestroy({ actor, identity, guest, read });
        return cluster.begin("destroy", guest);
      });
      return followDestroy(upid, identity, options);
    },

    async resume(identity, { upid, since }: BegunDestroy, options) {
      const known = upid ?? (await findTask("destroy", identity.vmid, since))?.upid;
      if (known) return followDestroy(known, identity, options);
      const found = await request("read", identity.vmid, () => {
        const guest = cluster.guests.get(identity.vmid);
        if (guest?.hidden) throw new ProxmoxError("forbidden", "It cannot be seen.");
        return guest?.fingerprint;
      });
      return found === identity.fingerprint ? "not-begun" : { leftoverVolumes: [] };
    },
  };

  const preparation: GuestPreparation = {
    beginShutdown: (identity, _, options) => power("shutdown", identity, options),
    beginStop: (identity, options) => power("stop", identity, options),
    beginStart: (identity, options) => power("start", identity, options),
    async beginBackup(identity, storage, text) {
      await request("read", identity.vmid, () => identified(identity));
      return { upid: await beginTask("backup", identity, { storage, text }) };
    },
    findBackup: ({ vmid }, storage, upid) =>
      request("find-backup", vmid, () => {
        const backup = cluster.backups.find((one) => one.upid === upid && one.storage === storage);
        if (backup) return backup;
        throw new ProxmoxError("task-failed", "The backup is not there.", { upid });
      }),
    look: (upid) =>
      request("task", vmidOf(upid), () => {
        const task = cluster.tasks.get(upid);
        return task?.state ?? { kind: "unknown", reason: "its log is gone" };
      }),
  };

  const guests: Pick<Guests, "find"> = {
    find: (reference) =>
      request("find", Number(reference), () => detailOf(seen(cluster, Number(reference)))),
  };
  const history: GuestHistory = {
    historySince: (vmid, since) =>
      request("history", vmid, () => {
        onHistory(vmid, cluster.guests.get(vmid)?.uid);
        const upids = [...cluster.tasks.values()]
          .filter((task) => task.vmid === vmid && /create|restore|destroy/.test(task.type))
          // Proxmox counts in whole seconds.
          .filter(({ startedAt }) => startedAt >= Math.floor(since / 1_000) * 1_000)
          .map((task) => task.upid);
        if (upids.length > 0) return { kind: "changed", upids } as const;
        if (cluster.seesHistory) return { kind: "unchanged" } as const;
        return { kind: "unknown", reason: "the token sees its own tasks only" } as const;
      }),
  };
  const vmids: Pick<Vmids, "isFree"> = {
    isFree: (vmid) => request("nextid", vmid, () => !cluster.guests.has(vmid)),
  };
  const status: Cluster = {
    status: () =>
      request("status", undefined, () => ({
        quorate: cluster.isQuorate,
        version: "9.1.2",
        nodes: [],
      })),
  };
  const marks: GuestMarks = {
    set: (identity, tag) =>
      request("mark", identity.vmid, () => {
        const guest = identified(identity);
        guest.tags = [...guest.tags.filter((one) => one !== tag), tag];
      }),
    clear: (identity, tag) =>
      request("unmark", identity.vmid, () => {
        const guest = identified(identity);
        guest.tags = guest.tags.filter((one) => one !== tag);
      }),
  };
  const backups: Pick<GuestBackups, "remove" | "list"> = {
    list: (storage, vmid) =>
      request("backups", vmid, () =>
        cluster.backups.filter(
          (one) => one.storage === storage && (vmid === undefined || one.vmid === vmid),
        ),
      ),
    remove: ({ volume }) =>
      request("remove-backup", undefined, () => {
        const index = cluster.backups.findIndex((one) => one.volume === volume);
        if (index >= 0) cluster.backups.splice(index, 1);
      }),
  };
  return { guests, history, preparation, destroyer, vmids, backups, cluster: status, marks };
}

interface BackupNote {
  readonly storage: string;
  readonly text: string;
}

/** A task that shuts the guest down, or stops it. */
function isEnding(vmid: number) {
  return (task: FakeTask) =>
    task.vmid === vmid && /shutdown|stop/.test(task.type) && task.state.kind === "running";
}

/** All that the destroyer itself looks at before it asks Proxmox. */
function readDestroyable(cluster: FakeCluster, guest: FakeGuest, at: number) {
  const refuse = (kind: ProxmoxErrorKind) => {
    throw new ProxmoxError(kind, `It is not destroyed: ${kind}.`);
  };
  if (!cluster.isQuorate) refuse("no-quorum");
  if (guest.template) refuse("template");
  if (guest.protection) refuse("protected");
  if (guest.lock) refuse("locked");
  if (guest.haManaged) refuse("ha-managed");
  if (guest.running) refuse("wrong-state");
  return { uid: guest.uid, at };
}

/** What Proxmox itself still looks at. */
function destroyable(cluster: FakeCluster, vmid: number): FakeGuest {
  const guest = cluster.guests.get(vmid);
  if (!guest) throw new ProxmoxError("unexpected", "Its configuration does not exist.");
  if (guest.protection) throw new ProxmoxError("protected", "It is protected.");
  if (guest.lock) throw new ProxmoxError("locked", `It is locked (${guest.lock}).`);
  if (guest.running) throw new ProxmoxError("wrong-state", "It is running.");
  return guest;
}
