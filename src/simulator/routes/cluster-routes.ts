import type { Caller } from "#src/simulator/acl.ts";
import { parameterError } from "#src/simulator/api-error.ts";
import { resourceOf } from "#src/simulator/guest-views.ts";
import { nodeResource, storageResource } from "#src/simulator/node-views.ts";
import { type Route, route } from "#src/simulator/router.ts";
import type { Simulation } from "#src/simulator/simulation.ts";
import { localNode } from "#src/simulator/world.ts";

/** The cluster as a whole: what there is, and whether it may be changed. */
export function clusterRoutes(simulation: Simulation): readonly Route[] {
  const { world, acl } = simulation;

  function guestResources(caller: Caller) {
    return [...world.guests.values()]
      .filter(({ vmid }) => acl.allows(caller, `/vms/${vmid}`, "VM.Audit"))
      .map((guest) => {
        const { pool, ...resource } = resourceOf(simulation, guest);
        const mayKnow = pool !== undefined && acl.allows(caller, `/pool/${pool}`, "Pool.Audit");
        return mayKnow ? { ...resource, pool } : resource;
      });
  }

  function storageResources(caller: Caller) {
    return [...world.storages.values()]
      .filter(({ id }) => acl.allows(caller, `/storage/${id}`, "Datastore.Audit"))
      .flatMap((storage) => storage.nodes.map((node) => storageResource(world, storage, node)));
  }

  function nodeResources(caller: Caller) {
    return [...world.nodes.values()].map((node) =>
      nodeResource(node, acl.allows(caller, `/nodes/${node.name}`, "Sys.Audit")),
    );
  }

  return [
    route({
      method: "GET",
      path: "/version",
      handle: () => ({ data: { version: "9.2.11", release: "9.2", repoid: "14a22df3" } }),
    }),
    route({
      method: "GET",
      path: "/cluster/resources",
      parameters: { type: "string?" },
      handle({ type }, caller) {
        const wanted = (name: string) => type === undefined || type === name;
        return {
          data: [
            ...(wanted("vm") ? guestResources(caller) : []),
            ...(wanted("node") ? nodeResources(caller) : []),
            ...(wanted("storage") ? storageResources(caller) : []),
          ],
        };
      },
    }),
    route({
      method: "GET",
      path: "/cluster/status",
      requires: ["/", "Sys.Audit"],
      handle: () => ({ data: [...clusterRow(simulation), ...nodeRows(simulation)] }),
    }),
    route({
      method: "GET",
      path: "/cluster/nextid",
      parameters: { vmid: "integer?" },
      handle: ({ vmid }) => ({ data: nextId(simulation, vmid) }),
    }),
  ];
}

/** The lowest free VMID, so that a freed one goes to the next guest; or the given one if free. */
function nextId({ world }: Simulation, wanted: number | undefined): string {
  if (wanted !== undefined) {
    if (world.guests.has(wanted)) throw parameterError({ vmid: `VM ${wanted} already exists` });
    return String(wanted);
  }
  let free = 100;
  while (world.guests.has(free)) free += 1;
  return String(free);
}

/** A standalone node has none. */
function clusterRow({ world }: Simulation) {
  if (world.nodes.size === 1) return [];
  const quorate = world.quorate ? 1 : 0;
  return [
    { type: "cluster", id: "cluster", name: "lab", nodes: world.nodes.size, quorate, version: 2 },
  ];
}

function nodeRows({ world }: Simulation) {
  return [...world.nodes.values()].map((node) => ({
    type: "node",
    id: `node/${node.name}`,
    name: node.name,
    nodeid: node.id,
    ip: `10.99.0.${node.id}`,
    level: "",
    local: node === localNode(world) ? 1 : 0,
    online: node.online ? 1 : 0,
  }));
}
