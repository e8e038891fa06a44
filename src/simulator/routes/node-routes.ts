import { failure, parameterError } from "#src/simulator/api-error.ts";
import { listedNode, nodeStatus } from "#src/simulator/node-views.ts";
import { type Route, route } from "#src/simulator/router.ts";
import type { Simulation } from "#src/simulator/simulation.ts";

/** The nodes themselves. */
export function nodeRoutes({ world, acl, tasks }: Simulation): readonly Route[] {
  function nodeNamed(name: string) {
    const node = world.nodes.get(name);
    if (!node) throw failure(`no such cluster node '${name}'`);
    return node;
  }

  return [
    route({
      method: "GET",
      path: "/nodes",
      handle: (_, caller) => ({
        data: [...world.nodes.values()].map((node) =>
          listedNode(node, acl.allows(caller, `/nodes/${node.name}`, "Sys.Audit")),
        ),
      }),
    }),
    route({
      method: "GET",
      path: "/nodes/{node}/status",
      requires: ["/nodes/{node}", "Sys.Audit"],
      handle: ({ node }) => ({ data: nodeStatus(nodeNamed(node)) }),
    }),
    route({
      method: "POST",
      path: "/nodes/{node}/status",
      requires: ["/nodes/{node}", "Sys.PowerMgmt"],
      parameters: { command: "string" },
      handle({ node, command }) {
        if (command !== "reboot" && command !== "shutdown") throw unknownCommand(command);
        const affected = nodeNamed(node);
        affected.online = false;
        affected.unreachable = "No route to host";
        tasks.killOn(node);
        return { data: null };
      },
    }),
  ];
}

function unknownCommand(command: string) {
  return parameterError({
    command: `value '${command}' does not have a value in the enumeration 'reboot, shutdown'`,
  });
}
