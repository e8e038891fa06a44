import { apiPath } from "./api-path.ts";
import { fingerprintOf } from "./fingerprint.ts";
import type { Guest, GuestIdentity, GuestStatus } from "./guest.ts";
import { apiTypeOf, labelOf, statusOf } from "./guest-facts.ts";
import type { InventoryReader } from "./inventory.ts";
import type { ProxmoxClient } from "./proxmox-client.ts";
import { ProxmoxError } from "./proxmox-error.ts";
import { type GuestConfig, type GuestCurrent, guestConfig, guestCurrent } from "./responses.ts";

/** A guest as its own node answers for it at this moment. */
export interface LiveGuest {
  /** Where and what it is, by the inventory. */
  readonly listed: Guest;
  readonly config: GuestConfig;
  readonly current: GuestCurrent;
  readonly status: GuestStatus;
  readonly fingerprint: string;
}

/** Reads guests live. A guest that was moved meanwhile is looked up once more. */
export interface LiveGuests {
  read(listed: Guest, signal: AbortSignal): Promise<LiveGuest>;
  /**
   * The guest that was identified, and no other.
   *
   * @throws ProxmoxError `changed-guest` when its VMID now belongs to another one, or
   *   `no-such-guest`.
   */
  readIdentified(identity: GuestIdentity, signal: AbortSignal): Promise<LiveGuest>;
  /** Only whether it runs. */
  readStatus(listed: Guest, signal: AbortSignal): Promise<GuestStatus>;
}

interface Deps {
  readonly client: Pick<ProxmoxClient, "get">;
  readonly inventory: Pick<InventoryReader, "listNow">;
}

/** The path of a guest's own part of the API. */
export function guestPath({ node, kind, vmid }: Pick<Guest, "node" | "kind" | "vmid">): string {
  return apiPath`/nodes/${node}/${apiTypeOf(kind)}/${vmid}`;
}

/** Reads guests past the inventory, where they are at the moment. */
export function createLiveGuests({ client, inventory }: Deps): LiveGuests {
  async function locate(vmid: number, signal: AbortSignal): Promise<Guest> {
    const { guests } = await inventory.listNow(signal);
    const guest = guests.find((candidate) => candidate.vmid === vmid);
    if (guest) return guest;
    const message = `There is no guest ${vmid} that I may see: it was deleted, or the API token lost its rights.`;
    throw new ProxmoxError("no-such-guest", message);
  }

  async function following<T>(
    listed: Guest,
    signal: AbortSignal,
    read: (listed: Guest) => Promise<T>,
  ): Promise<T> {
    try {
      return await read(listed);
    } catch (error) {
      if (!(error instanceof ProxmoxError) || error.kind !== "no-such-guest") throw error;
      return read(await locate(listed.vmid, signal));
    }
  }

  const readCurrent = (listed: Guest, signal: AbortSignal) =>
    client.get(`${guestPath(listed)}/status/current`, guestCurrent, { signal });

  async function readAt(listed: Guest, signal: AbortSignal): Promise<LiveGuest> {
    const [config, current] = await Promise.all([
      client.get(`${guestPath(listed)}/config`, guestConfig, { signal }),
      readCurrent(listed, signal),
    ]);
    const fingerprint = fingerprintOf(listed.kind, config);
    return { listed, config, current, status: statusOf(current), fingerprint };
  }

  const read = (listed: Guest, signal: AbortSignal) =>
    following(listed, signal, (place) => readAt(place, signal));

  return {
    read,
    async readIdentified(identity, signal) {
      const live = await read(await locate(identity.vmid, signal), signal);
      const isSame =
        live.listed.kind === identity.kind && live.fingerprint === identity.fingerprint;
      if (isSame) return live;
      throw new ProxmoxError(
        "changed-guest",
        `${labelOf(live.listed)} is no longer the guest that was meant: it was created anew, restored or rebuilt since; ask again.`,
      );
    },
    readStatus: (listed, signal) =>
      following(listed, signal, async (place) => statusOf(await readCurrent(place, signal))),
  };
}
