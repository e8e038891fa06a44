import type { Guest, GuestDetail, Guests } from "#src/proxmox/guest.ts";
import { ProxmoxError } from "#src/proxmox/proxmox-error.ts";

const gibibyte = 1024 ** 3;

/** A running container as the inventory lists it; say what matters to the test. */
export function aGuest(facts: Partial<Guest> = {}): Guest {
  return {
    vmid: 102,
    kind: "ct",
    name: "web-02",
    node: "pve1",
    status: "running",
    tags: ["prod", "web"],
    owner: "alice",
    template: false,
    haManaged: false,
    cpu: 0.03,
    memoryUsed: 0.5 * gibibyte,
    memoryTotal: 2 * gibibyte,
    diskTotal: 8 * gibibyte,
    uptime: 86_400,
    ...facts,
  };
}

/** A running container read live. */
export function aGuestDetail(facts: Partial<GuestDetail> = {}): GuestDetail {
  return {
    ...aGuest(),
    name: "web-02",
    fingerprint: "fp-102",
    protection: false,
    disks: [{ key: "rootfs", volume: "local-lvm:vm-102-disk-0", size: "8G" }],
    addresses: ["192.0.2.102"],
    ...facts,
  };
}

/** The cluster that these guests make, found by VMID or exact name. */
export function guestsOf(...guests: readonly GuestDetail[]): Guests {
  return {
    async list() {
      return { guests, nameless: [] };
    },
    async listWithOwners() {
      return { guests, nameless: [], ownersUnread: [] };
    },
    async find(reference) {
      const found = guests.filter(
        (guest) => String(guest.vmid) === reference || guest.name === reference,
      );
      const [guest] = found;
      if (!guest) throw new ProxmoxError("no-such-guest", `There is no guest ${reference}.`);
      if (found.length > 1) {
        throw new ProxmoxError("ambiguous-guest", `${found.length} guests are named ${reference}.`);
      }
      return guest;
    },
  };
}
