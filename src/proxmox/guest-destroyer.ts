import type { Clock } from "#src/clock.ts";
import { readQuorum } from "./cluster.ts";
import { createDestroyOutcomes, type DestroyAttempt } from "./destroy-outcome.ts";
import { refusalOfDestroy } from "./destroy-refusal.ts";
import type { GuestIdentity, GuestKind } from "./guest.ts";
import type {
  BegunDestroy,
  Destroyed,
  DestroyOptions,
  FollowOptions,
  GuestDestroyer,
  Vmids,
} from "./guest-changes.ts";
import type { InventoryReader } from "./inventory.ts";
import { guardOfLook } from "./last-look.ts";
import { guestPath, type LiveGuests } from "./live-guests.ts";
import type { ProxmoxClient } from "./proxmox-client.ts";
import { nodes, replicationJobs, taskStart } from "./responses.ts";
import { runningTasksOn } from "./running-tasks.ts";
import { listTasks } from "./task-list.ts";
import type { Tasks } from "./tasks.ts";

/** By how many seconds the clocks of the nodes may differ. */
const clockTolerance = 5;

interface Deps {
  readonly client: Pick<ProxmoxClient, "get" | "delete" | "tokenId" | "clockOffset">;
  readonly clock: Clock;
  readonly inventory: Pick<InventoryReader, "invalidate" | "listNow">;
  readonly live: LiveGuests;
  readonly tasks: Tasks;
  readonly vmids: Pick<Vmids, "isFree">;
}

/** The one place from which Proxmox is asked to destroy a guest. */
export function createGuestDestroyer(deps: Deps): GuestDestroyer {
  const { client, clock, inventory, live, tasks } = deps;
  const outcomes = createDestroyOutcomes(deps);

  async function readRunningTasks({ vmid }: GuestIdentity, signal: AbortSignal) {
    const { guests } = await inventory.listNow(signal);
    const guest = guests.find((one) => one.vmid === vmid);
    return guest ? runningTasksOn(client, guest, signal) : [];
  }

  /**
   * Everything that forbids it, the guest itself last: the call takes no condition. Also how long
   * that holds.
   */
  async function readIfDestroyable(identity: GuestIdentity, options: DestroyOptions) {
    const { signal } = options;
    const [{ quorate }, jobs, runningTasks] = await Promise.all([
      readQuorum(client, signal),
      client.get("/cluster/replication", replicationJobs, { signal }),
      readRunningTasks(identity, signal),
    ]);
    const isReplicated = jobs.some((job) => job.guest === identity.vmid);
    const guard = guardOfLook(clock, options.guard);
    const guest = await live.readIdentified(identity, signal);
    const refusal = refusalOfDestroy(guest, { quorate, isReplicated, runningTasks });
    if (refusal) throw refusal;
    return { listed: guest.listed, guard };
  }

  async function begin(identity: GuestIdentity, options: DestroyOptions): Promise<string> {
    const { signal } = options;
    const { listed, guard } = await readIfDestroyable(identity, options);
    const { node, vmid, kind } = listed;
    const parameters = { purge: true };
    const send = () => client.delete(guestPath(listed), taskStart, { parameters, signal, guard });
    return tasks.start({ node, vmid, types: [taskTypeOf(kind)], send }, signal);
  }

  /** Oldest first, on every node that is there: what ran on one that is not has ended. */
  async function findBegun(
    { vmid, kind }: GuestIdentity,
    since: number,
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    const began = Math.floor((since + (client.clockOffset() ?? 0)) / 1000) - clockTolerance;
    const members = await client.get("/nodes", nodes, { signal });
    const online = members.filter(({ status }) => status === "online");
    const lists = online.map(({ node }) =>
      listTasks(client, { node, vmid, types: [taskTypeOf(kind)], since: began }, signal),
    );
    return (await Promise.all(lists)).flatMap((listed) => listed.map(({ upid }) => upid).reverse());
  }

  async function resume(
    identity: GuestIdentity,
    { upid, since }: BegunDestroy,
    options: FollowOptions,
  ): Promise<Destroyed | "not-begun"> {
    const upids = upid ? [upid] : await findBegun(identity, since, options.signal);
    let attempt: DestroyAttempt | undefined;
    for (const begun of upids) attempt = await outcomes.end(begun, options);
    const fate = await outcomes.fate(identity, attempt, options.signal);
    if (fate === "there" && !attempt) return "not-begun";
    return outcomes.conclude(identity, fate, attempt, options);
  }

  async function destroy(identity: GuestIdentity, options: DestroyOptions): Promise<Destroyed> {
    const attempt = await outcomes.end(await begin(identity, options), options);
    const fate = await outcomes.fate(identity, attempt, options.signal);
    return outcomes.conclude(identity, fate, attempt, options);
  }

  return {
    destroy: (...call) => destroy(...call).finally(inventory.invalidate),
    resume: (...call) => resume(...call).finally(inventory.invalidate),
  };
}

function taskTypeOf(kind: GuestKind): string {
  return kind === "ct" ? "vzdestroy" : "qmdestroy";
}
