import type { Tool } from "#src/actions/tool.ts";
import type { Guests } from "#src/proxmox/guest.ts";
import type { GuestPower } from "#src/proxmox/guest-changes.ts";
import { powerTool } from "./power-tool.ts";

interface Deps {
  readonly guests: Pick<Guests, "find">;
  readonly power: Pick<GuestPower, "stop">;
}

/** Cuts a guest's power. */
export function stopGuest({ guests, power }: Deps): Tool {
  return powerTool(guests, {
    name: "stop_guest",
    description:
      "Cut a guest's power: unsaved data is lost. Only when asked to force it or pull the plug.",
    effect: "disruptive",
    wanted: "stopped",
    idempotent: true,
    summary: (guest) => `Cut the power of ${guest}: unsaved data is lost.`,
    act: (guest, options) => power.stop(guest, options),
  });
}
