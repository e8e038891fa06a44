import type { GuestIdentity } from "./guest.ts";
import type { Vmids } from "./guest-changes.ts";
import type { InventoryReader } from "./inventory.ts";
import type { LiveGuests } from "./live-guests.ts";
import { isKind } from "./proxmox-error.ts";

/** What is found under the VMID of a guest that was to be destroyed. */
export type GuestFate =
  /** The guest, as it was. */
  | "there"
  /** What Proxmox leaves while it destroys one, and where it could not end: no disks, a lock. */
  | "remnant"
  | "gone"
  /** Another guest: ours is gone. */
  | "replaced"
  /** The VMID is in use, and the token may not see by whom: missing is not gone. */
  | "hidden";

interface Deps {
  readonly inventory: Pick<InventoryReader, "listNow">;
  readonly live: Pick<LiveGuests, "read">;
  readonly vmids: Pick<Vmids, "isFree">;
}

/** Looks what became of the guest, at this moment. */
export async function fateOf(
  deps: Deps,
  identity: GuestIdentity,
  signal: AbortSignal,
): Promise<GuestFate> {
  const { inventory, live, vmids } = deps;
  if (await vmids.isFree(identity.vmid, signal)) return "gone";
  const { guests } = await inventory.listNow(signal);
  const listed = guests.find(({ vmid }) => vmid === identity.vmid);
  const guest = listed && (await live.read(listed, signal).catch(orNothing));
  // It may have gone between the two looks.
  if (!guest) return (await vmids.isFree(identity.vmid, signal)) ? "gone" : "hidden";
  if (guest.config.lock === "destroyed") return "remnant";
  const isSame = guest.listed.kind === identity.kind && guest.fingerprint === identity.fingerprint;
  return isSame ? "there" : "replaced";
}

function orNothing(error: unknown): undefined {
  if (!isKind(error, "no-such-guest") && !isKind(error, "forbidden")) throw error;
  return undefined;
}
