import { type GuestList, isListed } from "./guest-selector.ts";
import { describeHold } from "./hold.ts";
import type { Decision } from "./policy.ts";
import { type GuestTarget, guestsIn, type Target } from "./target.ts";

/** Guests with this tag are never deleted, whatever else the policy protects. */
export const protectedTag = "protected";

/** Refuses to delete what a person, the tags, the policy, the configuration or the cluster say must not be deleted. */
export function refuseObstacles(target: Target, protectedGuests: GuestList): Decision | undefined {
  const objections = guestsIn(target).flatMap((guest) => {
    const obstacle = obstacleToDeletion(guest, protectedGuests);
    return obstacle ? `${guest.name} (VMID ${guest.vmid}) cannot be deleted: ${obstacle}.` : [];
  });
  return objections.length > 0 ? { kind: "deny", reason: objections.join(" ") } : undefined;
}

function obstacleToDeletion(guest: GuestTarget, protectedGuests: GuestList): string | undefined {
  const lasting = lastingObstacle(guest, protectedGuests);
  return lasting ?? (guest.lock ? `it is locked (${guest.lock})` : undefined);
}

/** What may keep a guest; as far as it is known whether it is protected in Proxmox. */
export type KeepableGuest = Pick<
  GuestTarget,
  "vmid" | "tags" | "pool" | "template" | "haManaged" | "hold"
> &
  Partial<Pick<GuestTarget, "protection">>;

/** Why a guest cannot be deleted until somebody changes that; a lock passes by itself. */
export function lastingObstacle(
  guest: KeepableGuest,
  protectedGuests: GuestList,
): string | undefined {
  if (guest.hold) return describeHold(guest.hold);
  if (guest.protection) return "its protection flag is set in Proxmox";
  const tag = [protectedTag, ...protectedGuests.tags].find((name) => guest.tags.includes(name));
  if (tag !== undefined) return `it has the tag ${tag}`;
  if (isListed(protectedGuests, guest)) return "the policy protects it";
  if (guest.template) return "it is a template";
  if (guest.haManaged) return "it is managed by HA";
  return undefined;
}
