import { hash } from "node:crypto";
import type { GuestIdentifiers } from "./identity.ts";
import type { SeedGuest } from "./seed.ts";

/** A guest's configuration file: what it says, key by key. */
export type GuestConfig = Record<string, string | number>;

interface Disk {
  readonly key: string;
  readonly volume: string;
  /** As Proxmox writes it: `8G`. */
  readonly size: string;
}

const diskKey = /^(rootfs|mp\d+|(scsi|virtio|sata|ide)\d+)$/;

/** The volumes that a configuration uses. */
export function disksOf(config: GuestConfig): readonly Disk[] {
  return Object.entries(config)
    .filter(([key]) => diskKey.test(key))
    .map(([key, value]) => {
      const [volume = "", ...options] = String(value).split(",");
      const size = options.find((option) => option.startsWith("size="));
      return { key, volume, size: size?.slice("size=".length) ?? "0" };
    });
}

/** `8G` or `512M` in bytes. */
export function bytesOf(size: string): number {
  const factor = { M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 }[size.slice(-1)] ?? 1;
  return Math.round(Number.parseFloat(size) * factor);
}

/** The file as a backup holds it, and what the digest is taken of: the notes are its comments. */
export function configText({ description, ...settings }: GuestConfig): string {
  const notes = description === undefined ? [] : String(description).trimEnd().split("\n");
  const comments = notes.map((line) => `#${line}\n`);
  const lines = Object.keys(settings).sort();
  return [...comments, ...lines.map((key) => `${key}: ${settings[key]}\n`)].join("");
}

/** Changes with every edit; a PUT that names an older one is refused. */
export function digestOf(config: GuestConfig): string {
  return hash("sha1", configText(config));
}

/** The other direction of {@link configText}. */
export function parseConfig(text: string): GuestConfig {
  const lines = text.split("\n").filter((line) => line !== "");
  const notes = lines.filter((line) => line.startsWith("#")).map((line) => `${line.slice(1)}\n`);
  const settings = lines.filter((line) => !line.startsWith("#")).map(parseSetting);
  return {
    ...Object.fromEntries(settings),
    ...(notes.length > 0 && { description: notes.join("") }),
  };
}

function parseSetting(line: string): [key: string, value: string | number] {
  const at = line.indexOf(": ");
  const key = line.slice(0, at);
  return [key, typed(key, line.slice(at + 2))];
}

/** The configuration of a guest that a seed describes. */
export function seededConfig(
  guest: SeedGuest,
  identifiers: GuestIdentifiers,
  volumeOf: (disk: number) => string,
): GuestConfig {
  const tags = guest.owner ? [...guest.tags, `owner-${guest.owner}`] : guest.tags;
  const own = guest.kind === "lxc" ? lxcConfig : qemuConfig;
  return {
    ...own(guest, identifiers, volumeOf),
    ...(tags.length > 0 && { tags: tags.join(";") }),
    ...(guest.notes && { description: `${guest.notes}\n` }),
    ...(guest.protection && { protection: 1 }),
    ...(guest.template && { template: 1 }),
    ...(guest.lock && { lock: guest.lock }),
  };
}

function lxcConfig(
  { name, vmid, memory, disks }: SeedGuest,
  { mac }: GuestIdentifiers,
  volumeOf: (disk: number) => string,
): GuestConfig {
  const mounts = disks.map((size, index) => {
    const key = index === 0 ? "rootfs" : `mp${index - 1}`;
    const target = index === 0 ? "" : `,mp=/mnt/data${index}`;
    return [key, `${volumeOf(index)}${target},size=${size}G`];
  });
  return {
    arch: "amd64",
    cores: 2,
    hostname: name,
    memory,
    net0: `name=eth0,bridge=vmbr0,hwaddr=${mac},ip=${addressOf(vmid)}/16,type=veth`,
    ostype: "debian",
    swap: 512,
    unprivileged: 1,
    ...Object.fromEntries(mounts),
  };
}

function qemuConfig(
  { name, memory, disks }: SeedGuest,
  { mac, smbiosUuid, vmgenid, createdAt }: GuestIdentifiers,
  volumeOf: (disk: number) => string,
): GuestConfig {
  const drives = disks.map((size, index) => [`scsi${index}`, `${volumeOf(index)},size=${size}G`]);
  return {
    agent: "1",
    boot: "order=scsi0;net0",
    cores: 2,
    memory,
    meta: `creation-qemu=10.0.13,ctime=${createdAt}`,
    name,
    net0: `virtio=${mac},bridge=vmbr0`,
    ostype: "l26",
    smbios1: `uuid=${smbiosUuid}`,
    vmgenid,
    ...Object.fromEntries(drives),
  };
}

/** The address that a guest has in the simulated network. */
export function addressOf(vmid: number): string {
  return `10.10.${Math.floor(vmid / 250) % 250}.${(vmid % 250) + 1}`;
}

const numberKeys = new Set([
  "memory",
  "swap",
  "cores",
  "unprivileged",
  "protection",
  "template",
  "onboot",
]);

function typed(key: string, value: string): string | number {
  return numberKeys.has(key) && /^\d+$/.test(value) ? Number(value) : value;
}
