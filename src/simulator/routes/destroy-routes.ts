import type { Caller } from "#src/simulator/acl.ts";
import { assertDestroyable, type DestroyOptions, destroy } from "#src/simulator/destroy.ts";
import { type ApiKind, kinds } from "#src/simulator/kinds.ts";
import { type Route, route } from "#src/simulator/router.ts";
import type { Simulation } from "#src/simulator/simulation.ts";
import { guestOn } from "#src/simulator/world.ts";

const common = { purge: "boolean?", "destroy-unreferenced-disks": "boolean?" } as const;
const parameters = {
  lxc: { ...common, force: "boolean?" },
  qemu: { ...common, skiplock: "boolean?" },
} as const;

/** Deleting a guest. Only containers know `force`. */
export function destroyRoutes(simulation: Simulation, kind: ApiKind): readonly Route[] {
  const { world, tasks, locks } = simulation;

  function start(node: string, vmid: number, options: DestroyOptions, caller: Caller): string {
    const guest = guestOn(world, node, kind, vmid);
    assertDestroyable(simulation, guest, options);
    return tasks.start({
      node,
      type: `${kinds[kind].taskPrefix}destroy`,
      id: String(vmid),
      caller,
      work: (task) =>
        locks.hold(guest, task, async () => {
          assertDestroyable(simulation, guest, options);
          await destroy(simulation, guest, options, task);
        }),
    });
  }

  return [
    route({
      method: "DELETE",
      path: `/nodes/{node}/${kind}/{vmid}`,
      requires: ["/vms/{vmid}", "VM.Allocate"],
      parameters: parameters[kind],
      handle: (input, caller) => ({
        data: start(input.node, input.vmid, input as DestroyOptions, caller),
      }),
    }),
  ];
}
