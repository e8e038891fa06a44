import { failure, parameterError } from "#src/simulator/api-error.ts";
import { type Route, route } from "#src/simulator/router.ts";
import type { Simulation } from "#src/simulator/simulation.ts";
import { type HaResource, haId, localNode, type World } from "#src/simulator/world.ts";

/** The guests that the HA manager looks after, and what it makes of them. */
export function haRoutes({ world, ha }: Simulation): readonly Route[] {
  function resource(sid: string): HaResource {
    const found = world.ha.get(sid);
    if (!found) throw failure(`no such resource '${sid}'`);
    return found;
  }

  return [
    route({
      method: "GET",
      path: "/cluster/ha/resources",
      requires: ["/", "Sys.Audit"],
      handle: () => ({ data: [...world.ha.values()].map(listedResource) }),
    }),
    route({
      method: "POST",
      path: "/cluster/ha/resources",
      requires: ["/", "Sys.Console"],
      parameters: { sid: "string", state: "string?", comment: "string?" },
      handle({ sid, state = "started" }) {
        const known = [...world.guests.values()].map(({ kind, vmid }) => haId(kind, vmid));
        if (!known.includes(sid)) throw failure(`unable to add resource '${sid}': no such guest`);
        if (world.ha.has(sid)) throw failure(`resource ID '${sid}' already defined`);
        ha.add({ sid, requested: requestedState(state) });
        return { data: null };
      },
    }),
    route({
      method: "PUT",
      path: "/cluster/ha/resources/{sid}",
      requires: ["/", "Sys.Console"],
      parameters: { state: "string" },
      handle({ sid, state }) {
        ha.request(resource(sid), requestedState(state));
        return { data: null };
      },
    }),
    route({
      method: "DELETE",
      path: "/cluster/ha/resources/{sid}",
      requires: ["/", "Sys.Console"],
      handle({ sid }) {
        world.ha.delete(resource(sid).sid);
        return { data: null };
      },
    }),
    route({
      method: "GET",
      path: "/cluster/ha/status/current",
      requires: ["/", "Sys.Audit"],
      handle: () => ({ data: haStatus(world) }),
    }),
  ];
}

function haStatus(world: World) {
  const node = localNode(world)?.name;
  const armed = world.ha.size > 0 ? "armed" : "standby";
  return [
    { id: "quorum", type: "quorum", node, status: "OK", quorate: world.quorate ? 1 : 0 },
    {
      id: "fencing",
      type: "fencing",
      node,
      status: `${armed} (CRM watchdog ${armed})`,
      "armed-state": armed,
    },
    ...[...world.ha.values()].map((resource) => serviceStatus(world, resource)),
  ];
}

function serviceStatus(world: World, { sid, requested, state: reached }: HaResource) {
  const state = reached ?? "queued";
  const node = world.guests.get(Number(sid.split(":")[1]))?.node;
  return {
    id: `service:${sid}`,
    type: "service",
    sid,
    node,
    state,
    request_state: requested,
    status: `${sid} (${node}, ${state})`,
    failback: 1,
    max_restart: 1,
    max_relocate: 1,
  };
}

function listedResource({ sid, requested }: HaResource) {
  const type = sid.slice(0, sid.indexOf(":"));
  return { sid, type, state: requested, max_restart: 1, max_relocate: 1, failback: 1 };
}

function requestedState(state: string): HaResource["requested"] {
  if (state === "started" || state === "stopped") return state;
  throw parameterError({
    state: `value '${state}' does not have a value in the enumeration 'started, stopped'`,
  });
}
