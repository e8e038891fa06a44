import type { Tool } from "#src/actions/tool.ts";
import type { Guests } from "#src/proxmox/guest.ts";
import type { GuestPower } from "#src/proxmox/guest-changes.ts";
import { powerTool } from "./power-tool.ts";

interface Deps {
  readonly guests: Pick<Guests, "find">;
  readonly power: Pick<GuestPower, "start">;
}

/** Starts a guest and waits until it runs. */
export function startGuest({ guests, power }: Deps): Tool {
  return powerTool(guests, {
    name: "start_guest",
    description: "Start a guest.",
    effect: "reversible",
    wanted: "running",
    idempotent: true,
    summary: (guest) => `Start ${guest}.`,
    act: (guest, options) => power.start(guest, options),
  });
}
