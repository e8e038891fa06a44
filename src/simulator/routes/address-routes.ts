import { failure } from "#src/simulator/api-error.ts";
import { addressOf } from "#src/simulator/guest-config.ts";
import { type Route, route } from "#src/simulator/router.ts";
import type { Simulation } from "#src/simulator/simulation.ts";
import { guestOn, type SimulatedGuest } from "#src/simulator/world.ts";

const noMac = "00:00:00:00:00:00";
const loopback = { "ip-address": "127.0.0.1", "ip-address-type": "ipv4", prefix: 8 };
/** How long Proxmox tries to reach an agent that does not answer. */
const agentTimeoutMs = 3000;

/** What addresses a guest has, as its container or its agent tells. */
export function addressRoutes({ world, waits }: Simulation): readonly Route[] {
  /** @throws ApiError 500 where no agent answers */
  async function assertAgent({ vmid, status, config, unresponsive }: SimulatedGuest) {
    if (status === "stopped") throw failure(`VM ${vmid} is not running`);
    if (!String(config.agent ?? "0").startsWith("1")) {
      throw failure("No QEMU guest agent configured");
    }
    if (!unresponsive) return;
    await waits.sleep(agentTimeoutMs);
    throw failure("QEMU guest agent is not running");
  }

  return [
    route({
      method: "GET",
      path: "/nodes/{node}/lxc/{vmid}/interfaces",
      requires: ["/vms/{vmid}", "VM.Audit"],
      handle({ node, vmid }) {
        const guest = world.guests.get(vmid);
        const here = guest?.kind === "lxc" && guest.node === node;
        // Proxmox makes no difference between a stopped and a missing container here.
        return { data: here && guest.status === "running" ? containerInterfaces(guest) : null };
      },
    }),
    route({
      method: "GET",
      path: "/nodes/{node}/qemu/{vmid}/agent/network-get-interfaces",
      requires: ["/vms/{vmid}", "VM.GuestAgent.Audit"],
      async handle({ node, vmid }) {
        const guest = guestOn(world, node, "qemu", vmid);
        await assertAgent(guest);
        return { data: { result: agentInterfaces(guest) } };
      },
    }),
    route({
      method: "POST",
      path: "/nodes/{node}/qemu/{vmid}/agent/ping",
      requires: ["/vms/{vmid}", "VM.GuestAgent.Audit"],
      async handle({ node, vmid }) {
        await assertAgent(guestOn(world, node, "qemu", vmid));
        return { data: { result: {} } };
      },
    }),
  ];
}

function containerInterfaces({ vmid, config, unresponsive }: SimulatedGuest) {
  const mac = macIn(String(config.net0));
  const ip = addressOf(vmid);
  const address = { "ip-address": ip, "ip-address-type": "inet", prefix: 16 };
  return [
    { name: "lo", hwaddr: noMac, "hardware-address": noMac, "ip-addresses": [] },
    {
      name: "eth0",
      hwaddr: mac,
      "hardware-address": mac,
      "ip-addresses": unresponsive ? [] : [address],
      ...(!unresponsive && { inet: `${ip}/16` }),
    },
  ];
}

function agentInterfaces({ vmid, config }: SimulatedGuest) {
  const address = { "ip-address": addressOf(vmid), "ip-address-type": "ipv4", prefix: 16 };
  return [
    { name: "lo", "hardware-address": noMac, "ip-addresses": [loopback] },
    { name: "eth0", "hardware-address": macIn(String(config.net0)), "ip-addresses": [address] },
  ];
}

function macIn(net: string): string {
  return (/(?:[0-9A-F]{2}:){5}[0-9A-F]{2}/i.exec(net)?.[0] ?? noMac).toLowerCase();
}
