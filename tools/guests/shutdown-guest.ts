import type { Tool } from "#src/actions/tool.ts";
import type { Guests } from "#src/proxmox/guest.ts";
import type { GuestPower } from "#src/proxmox/guest-changes.ts";
import { powerTool } from "./power-tool.ts";

interface Deps {
  readonly guests: Pick<Guests, "find">;
  readonly power: Pick<GuestPower, "shutdown">;
}

/** Asks a guest's own system to shut down, and never forces it. */
export function shutdownGuest({ guests, power }: Deps): Tool {
  return powerTool(guests, {
    name: "shutdown_guest",
    description: 'Shut a guest down gracefully; what people mean by "stop" or "turn off".',
    effect: "disruptive",
    wanted: "stopped",
    idempotent: true,
    summary: (guest) => `Shut down ${guest}.`,
    act: (guest, options) => power.shutdown(guest, options),
  });
}
