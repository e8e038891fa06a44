import type { Caller } from "#src/simulator/acl.ts";
import { failure } from "#src/simulator/api-error.ts";
import { type ApiKind, kinds } from "#src/simulator/kinds.ts";
import type { Answer } from "#src/simulator/router.ts";
import type { Simulation } from "#src/simulator/simulation.ts";
import type { TaskContext } from "#src/simulator/tasks.ts";
import { guestOn, type SimulatedGuest } from "#src/simulator/world.ts";

/** The guest that a path names. */
export interface GuestPlace {
  readonly node: string;
  readonly vmid: number;
}

/** What a power task does to its guest. */
export type PowerAct = (guest: SimulatedGuest, task: TaskContext) => Promise<void>;

/** What the power calls for guests of one kind have in common. */
export interface PowerRequests {
  isRunning(place: GuestPlace): boolean;
  /** @throws ApiError where a container does not run; a machine's task has nothing to do then */
  assertRunning(place: GuestPlace): void;
  isManaged(place: GuestPlace): boolean;
  /** Starts the task, and answers its UPID. */
  start(type: string, place: GuestPlace, caller: Caller, act: PowerAct): Answer;
  /** Asks HA for the state where it manages the guest; undefined where it does not. */
  askHa(place: GuestPlace, caller: Caller, state: "started" | "stopped"): Answer | undefined;
  /** Ends the shutdowns of the guest that are still under way. */
  stopShutdowns(place: GuestPlace): void;
}

/** How long HA takes to record a wish. */
const recordMs = 300;

/** The requests for guests of one kind. */
export function createPowerRequests(simulation: Simulation, kind: ApiKind): PowerRequests {
  const { world, tasks, ha, locks } = simulation;
  const { label, taskPrefix } = kinds[kind];

  function isRunning({ node, vmid }: GuestPlace): boolean {
    const guest = world.guests.get(vmid);
    return guest?.kind === kind && guest.node === node && guest.status !== "stopped";
  }

  return {
    isRunning,

    assertRunning(place) {
      if (kind === "lxc" && !isRunning(place)) throw failure(`CT ${place.vmid} not running`);
    },

    isManaged: ({ vmid }) => ha.resourceOf(kind, vmid) !== undefined,

    start(type, { node, vmid }, caller, act) {
      const upid = tasks.start({
        node,
        type: `${taskPrefix}${type}`,
        id: String(vmid),
        caller,
        async work(task) {
          const guest = guestOn(world, node, kind, vmid);
          await locks.hold(guest, task, () => act(guest, task));
        },
      });
      return { data: upid };
    },

    // The task ends when the wish is recorded; the HA manager fulfils it in its own time.
    askHa({ node, vmid }, caller, state) {
      const resource = ha.resourceOf(kind, vmid);
      if (!resource) return undefined;
      const verb = state === "started" ? "start" : "stop";
      const upid = tasks.start({
        node,
        type: `ha${verb}`,
        id: String(vmid),
        caller,
        async work(task) {
          await task.sleep(recordMs);
          task.log(`Requesting HA ${verb} for ${label} ${vmid}`);
          ha.request(resource, state);
        },
      });
      return { data: upid };
    },

    stopShutdowns({ vmid }) {
      for (const task of tasks.list()) {
        const isShutdown = task.type === `${taskPrefix}shutdown` && task.id === String(vmid);
        if (isShutdown) tasks.stop(task.upid);
      }
    },
  };
}
