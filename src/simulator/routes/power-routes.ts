import type { Caller } from "#src/simulator/acl.ts";
import { failure, parameterError } from "#src/simulator/api-error.ts";
import { type ApiKind, kinds } from "#src/simulator/kinds.ts";
import { type Answer, type Route, route } from "#src/simulator/router.ts";
import type { Simulation } from "#src/simulator/simulation.ts";
import type { TaskContext } from "#src/simulator/tasks.ts";
import { guestOn, type SimulatedGuest } from "#src/simulator/world.ts";

interface Place {
  readonly node: string;
  readonly vmid: number;
}

type Act = (guest: SimulatedGuest, task: TaskContext) => Promise<void>;

/** Starting and stopping guests of one kind; containers refuse at once what machines refuse late. */
export function powerRoutes(simulation: Simulation, kind: ApiKind): readonly Route[] {
  const { world, tasks, ha, power, locks } = simulation;
  const { label, taskPrefix } = kinds[kind];
  const path = `/nodes/{node}/${kind}/{vmid}/status` as const;
  const requires = ["/vms/{vmid}", "VM.PowerMgmt"] as const;

  function startTask(type: string, { node, vmid }: Place, caller: Caller, act: Act): Answer {
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
  }

  /** What HA looks after is only asked for: the task ends when the wish is recorded. */
  function askHa(place: Place, caller: Caller, state: "started" | "stopped"): Answer | undefined {
    const resource = ha.resourceOf(kind, place.vmid);
    if (!resource) return undefined;
    const verb = state === "started" ? "start" : "stop";
    const upid = tasks.start({
      node: place.node,
      type: `ha${verb}`,
      id: String(place.vmid),
      caller,
      async work(task) {
        await task.sleep(recordMs);
        task.log(`Requesting HA ${verb} for ${label} ${place.vmid}`);
        ha.request(resource, state);
      },
    });
    return { data: upid };
  }

  function isRunning({ node, vmid }: Place): boolean {
    const guest = world.guests.get(vmid);
    return guest?.kind === kind && guest.node === node && guest.status !== "stopped";
  }

  /** A container that does not run is refused at once, a machine's task has nothing to do. */
  function assertRunning(place: Place): void {
    if (kind === "lxc" && !isRunning(place)) throw failure(`CT ${place.vmid} not running`);
  }

  return [
    route({
      method: "POST",
      path: `${path}/start`,
      requires,
      parameters: { debug: "boolean?", skiplock: "boolean?", timeout: "integer?" },
      handle(input, caller) {
        refuseSkiplock(input, caller);
        if (kind === "lxc" && isRunning(input)) throw failure(`CT ${input.vmid} already running`);
        if (!world.quorate) throw failure("cluster not ready - no quorum?");
        return askHa(input, caller, "started") ?? startTask("start", input, caller, power.start);
      },
    }),
    route({
      method: "POST",
      path: `${path}/stop`,
      requires,
      parameters: {
        skiplock: "boolean?",
        timeout: "integer?",
        keepActive: "boolean?",
        "overrule-shutdown": "boolean?",
      },
      handle(input, caller) {
        refuseSkiplock(input, caller);
        assertRunning(input);
        const overrule = input["overrule-shutdown"] === true;
        const managed = ha.resourceOf(kind, input.vmid) !== undefined;
        if (overrule && managed) throw parameterError({ "overrule-shutdown": notForHa });
        if (overrule) stopShutdowns(simulation, kind, input.vmid);
        return askHa(input, caller, "stopped") ?? startTask("stop", input, caller, power.stop);
      },
    }),
    route({
      method: "POST",
      path: `${path}/shutdown`,
      requires,
      parameters: { timeout: "integer?", forceStop: "boolean?" },
      handle(input, caller) {
        assertRunning(input);
        return (
          askHa(input, caller, "stopped") ??
          startTask("shutdown", input, caller, (guest, task) => power.shutdown(guest, task, input))
        );
      },
    }),
    route({
      method: "POST",
      path: `${path}/reboot`,
      requires,
      parameters: { timeout: "integer?" },
      handle(input, caller) {
        if (!isRunning(input)) throw failure(`${label} ${input.vmid} not running`);
        return startTask("reboot", input, caller, (guest, task) =>
          power.reboot(guest, task, input),
        );
      },
    }),
  ];
}

const recordMs = 300;
const notForHa = "is not supported for HA-managed guests";

function refuseSkiplock({ skiplock }: { readonly skiplock?: boolean | undefined }, by: Caller) {
  const isRoot = by.user === "root@pam" && by.tokenName === undefined;
  if (skiplock && !isRoot) throw parameterError({ skiplock: "Only root may use this option." });
}

function stopShutdowns({ tasks }: Simulation, kind: ApiKind, vmid: number): void {
  const type = `${kinds[kind].taskPrefix}shutdown`;
  for (const task of tasks.list()) {
    if (task.type === type && task.id === String(vmid)) tasks.stop(task.upid);
  }
}
