import { hash, randomUUID } from "node:crypto";

/** What tells one guest from another that has the same VMID and name. */
export interface GuestIdentifiers {
  readonly mac: string;
  readonly smbiosUuid: string;
  readonly vmgenid: string;
  /** Seconds since the epoch. */
  readonly createdAt: number;
}

/** The first of January 2025; seeded guests were made in the year after it. */
const oldestCreation = 1_735_689_600;
const secondsPerYear = 31_536_000;

/** A number in [0, limit) that is always the same for the same text. */
export function stableNumber(text: string, limit: number): number {
  return Number.parseInt(hash("sha256", text).slice(0, 8), 16) % limit;
}

/** A UUID (version 4 in form) that is always the same for the same text. */
function stableUuid(text: string): string {
  const hex = hash("sha256", text);
  const variant = "89ab"[Number.parseInt(hex.charAt(16), 16) % 4];
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}

/** A MAC address under Proxmox's own prefix that is always the same for the same text. */
export function stableMac(text: string): string {
  const hex = hash("sha256", `${text}/mac`).toUpperCase();
  return ["BC", "24", "11", hex.slice(0, 2), hex.slice(2, 4), hex.slice(4, 6)].join(":");
}

/** The identifiers of a guest in a seed: the same at every start. */
export function seededIdentifiers(guest: {
  readonly kind: string;
  readonly vmid: number;
  readonly name: string;
}): GuestIdentifiers {
  const source = `${guest.kind}/${guest.vmid}/${guest.name}`;
  return {
    mac: stableMac(source),
    smbiosUuid: stableUuid(`${source}/smbios`),
    vmgenid: stableUuid(`${source}/vmgenid`),
    createdAt: oldestCreation + stableNumber(`${source}/ctime`, secondsPerYear),
  };
}

/** The identifiers of a guest made now (milliseconds since the epoch): like no other's. */
export function freshIdentifiers(now: number): GuestIdentifiers {
  return {
    mac: stableMac(randomUUID()),
    smbiosUuid: randomUUID(),
    vmgenid: randomUUID(),
    createdAt: Math.floor(now / 1000),
  };
}
