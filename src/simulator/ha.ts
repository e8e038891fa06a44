import type { ApiKind } from "./kinds.ts";
import { kinds } from "./kinds.ts";
import type { Tasks } from "./tasks.ts";
import type { Waits } from "./waits.ts";
import { type HaResource, haId, type SimulatedGuest, type World } from "./world.ts";

/** The HA manager: it records what is asked of it and sees to it later, by its own tasks. */
export interface Ha {
  resourceOf(kind: ApiKind, vmid: number): HaResource | undefined;
  add(resource: HaResource): void;
  /** Records the wish; the guest follows some seconds later. */
  request(resource: HaResource, state: HaResource["requested"]): void;
}

interface Deps {
  readonly world: World;
  readonly tasks: Tasks;
  readonly waits: Waits;
  readonly now: () => number;
  /** How long until the manager's next round. */
  readonly roundMs: number;
}

const actMs = 500;

/** The manager of the resources that the world has. */
export function createHa({ world, tasks, waits, now, roundMs }: Deps): Ha {
  async function nextRound(resource: HaResource): Promise<void> {
    await waits.sleep(roundMs);
    const guest = guestOf(world, resource.sid);
    if (!guest || world.ha.get(resource.sid) !== resource || !world.quorate) return;
    const wanted = resource.requested === "started" ? "running" : "stopped";
    if (guest.status === wanted) resource.state = resource.requested;
    else act(resource, guest);
  }

  function act(resource: HaResource, guest: SimulatedGuest): void {
    const starts = resource.requested === "started";
    tasks.start({
      node: guest.node,
      type: `${kinds[guest.kind].taskPrefix}${starts ? "start" : "shutdown"}`,
      id: String(guest.vmid),
      caller: { user: "root@pam" },
      async work(task) {
        await task.sleep(actMs);
        guest.status = starts ? "running" : "stopped";
        guest.startedAt = now();
        resource.state = starts ? "started" : "stopped";
      },
    });
  }

  function request(resource: HaResource, state: HaResource["requested"]): void {
    resource.requested = state;
    // The world may end before the manager's next round; then there is nothing left to do.
    nextRound(resource).catch(() => undefined);
  }

  return {
    resourceOf: (kind, vmid) => world.ha.get(haId(kind, vmid)),
    add(resource) {
      world.ha.set(resource.sid, resource);
      request(resource, resource.requested);
    },
    request,
  };
}

function guestOf(world: World, sid: string): SimulatedGuest | undefined {
  return world.guests.get(Number(sid.slice(sid.indexOf(":") + 1)));
}
