import { digestOf } from "#src/simulator/guest-config.ts";
import { currentStatus, listedGuest, loadHistory } from "#src/simulator/guest-views.ts";
import type { ApiKind } from "#src/simulator/kinds.ts";
import { type Route, route } from "#src/simulator/router.ts";
import type { Simulation } from "#src/simulator/simulation.ts";
import { guestOn } from "#src/simulator/world.ts";

/** Reading the guests of one kind. */
export function guestRoutes(simulation: Simulation, kind: ApiKind): readonly Route[] {
  const { world, acl } = simulation;
  const path = `/nodes/{node}/${kind}` as const;

  return [
    route({
      method: "GET",
      path,
      handle({ node }, caller) {
        const listed = [...world.guests.values()]
          .filter((guest) => guest.node === node && guest.kind === kind)
          .filter(({ vmid }) => acl.allows(caller, `/vms/${vmid}`, "VM.Audit"));
        return { data: listed.map((guest) => listedGuest(simulation, guest)) };
      },
    }),
    route({
      method: "GET",
      path: `${path}/{vmid}/status/current`,
      requires: ["/vms/{vmid}", "VM.Audit"],
      handle: ({ node, vmid }) => ({
        data: currentStatus(simulation, guestOn(world, node, kind, vmid)),
      }),
    }),
    route({
      method: "GET",
      path: `${path}/{vmid}/rrddata`,
      requires: ["/vms/{vmid}", "VM.Audit"],
      parameters: { timeframe: "string", cf: "string?" },
      handle: ({ node, vmid }) => ({
        data: loadHistory(simulation, guestOn(world, node, kind, vmid)),
      }),
    }),
    route({
      method: "GET",
      path: `${path}/{vmid}/config`,
      requires: ["/vms/{vmid}", "VM.Audit"],
      parameters: { current: "boolean?", snapshot: "string?" },
      handle({ node, vmid }) {
        const { config } = guestOn(world, node, kind, vmid);
        // The one number that Proxmox answers as text, and for machines only.
        const memory = kind === "qemu" ? String(config.memory) : config.memory;
        return { data: { ...config, memory, digest: digestOf(config) } };
      },
    }),
  ];
}
