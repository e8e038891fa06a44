import type { Clock } from "#src/clock.ts";
import { readQuorum } from "./cluster.ts";
import { createDestroyOutcomes, type DestroyAttempt } from "./destroy-outcome.ts";
import { refusalOfDestroy } from "./destroy-refusal.ts";
import type {
  BegunDestroy,
  Destroyed,
  DestroyOptions,
  FollowOptions,
  GuestDestroyer,
  GuestIdentity,
  GuestKind,
  Vmids,
} from "./guest.ts";
import type { InventoryReader } from "./inventory.ts";
import { guestPath, type LiveGuest, type LiveGuests } from "./live-guests.ts";
import type { ProxmoxClient } from "./proxmox-client.ts";
import { ProxmoxError } from "./proxmox-error.ts";
import { nodes, replicationJobs, taskStart } from "./responses.ts";
import { listTasks } from "./task-list.ts";
import type { Tasks } from "./tasks.ts";

/** How old the last look at the guest may be when the request leaves; milliseconds. */
const longestGap = 10_000;
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
  const now = () => clock.now().epochMilliseconds;

  /** Everything that forbids it, the guest itself last: the call takes no condition. */
  async function readIfDestroyable(
    identity: GuestIdentity,
    signal: AbortSignal,
  ): Promise<LiveGuest> {
    const [{ quorate }, jobs] = await Promise.all([
      readQuorum(client, signal),
      client.get("/cluster/replication", replicationJobs, { signal }),
    ]);
    const isReplicated = jobs.some((job) => job.guest === identity.vmid);
    const guest = await live.readIdentified(identity, signal);
    const refusal = refusalOfDestroy(guest, { quorate, isReplicated });
    if (refusal) throw refusal;
    return guest;
  }

  /** Whoever is suspended after the last look wakes up in another world. */
  function requireFresh(readAt: number): void {
    if (Math.abs(now() - readAt) <= longestGap) return;
    const message =
      "Too much time passed after the last look at the guest, so it was not destroyed; try again.";
    throw new ProxmoxError("unreachable", message);
  }

  async function begin(identity: GuestIdentity, options: DestroyOptions): Promise<string> {
    const { signal } = options;
    const { listed } = await readIfDestroyable(identity, signal);
    const readAt = now();
    const guard = () => {
      options.guard?.();
      requireFresh(readAt);
    };
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
