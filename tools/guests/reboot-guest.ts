import type { Tool } from "#src/actions/tool.ts";
import type { Guests } from "#src/proxmox/guest.ts";
import type { GuestPower } from "#src/proxmox/guest-changes.ts";
import { powerTool } from "./power-tool.ts";

interface Deps {
  readonly guests: Pick<Guests, "find">;
  readonly power: Pick<GuestPower, "reboot">;
}

/** Shuts a running guest down and starts it again, and never forces it. */
export function rebootGuest({ guests, power }: Deps): Tool {
  return powerTool(guests, {
    name: "reboot_guest",
    description: "Restart a running guest gracefully: shutdown, then start.",
    effect: "disruptive",
    wanted: "running",
    idempotent: false,
    summary: (guest) => `Restart ${guest}: shut it down, then start it again.`,
    objection: ({ status }) =>
      status === "stopped" ? "is stopped, so it cannot be restarted; start it instead." : undefined,
    act: (guest, options) => power.reboot(guest, options),
  });
}
