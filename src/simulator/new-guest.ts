import { disksOf, type GuestConfig } from "./guest-config.ts";
import { type GuestIdentifiers, stableMac } from "./identity.ts";
import type { ApiKind } from "./kinds.ts";
import { storageFor, volumeName } from "./storages.ts";
import type { World } from "./world.ts";

type Settings = Readonly<Record<string, unknown>>;

interface Place {
  readonly kind: ApiKind;
  readonly vmid: number;
  readonly node: string;
}

const macPattern = /(?:[0-9A-F]{2}:){5}[0-9A-F]{2}/i;
/** What a person may set when making a guest, and what is kept as it was given. */
const kept = ["tags", "cores", "swap", "ostype", "agent", "features", "hostname", "name", "arch"];
const defaultDisk = "8";

/** The configuration of a guest that is made anew. */
export function createdConfig(
  world: World,
  place: Place,
  settings: Settings,
  identifiers: GuestIdentifiers,
): GuestConfig {
  const own = place.kind === "lxc" ? createdContainer : createdMachine;
  const given = kept.filter((key) => settings[key] !== undefined);
  return {
    ...Object.fromEntries(given.map((key) => [key, settings[key] as string | number])),
    ...own(world, place, settings, identifiers),
    ...(settings.description !== undefined && { description: `${settings.description}\n` }),
    ...(settings.protection === true && { protection: 1 }),
    ...(settings.onboot === true && { onboot: 1 }),
  };
}

function createdContainer(
  world: World,
  place: Place,
  settings: Settings,
  { mac }: GuestIdentifiers,
): GuestConfig {
  const net = settings.net0 === undefined ? undefined : String(settings.net0);
  const rootfs = newDisk(world, place, String(settings.rootfs ?? ""), settings.storage);
  const mounts = Object.keys(settings).filter((key) => /^mp\d+$/.test(key));
  return {
    arch: "amd64",
    ostype: String(settings.ostype ?? "unmanaged"),
    memory: Number(settings.memory ?? 512),
    swap: Number(settings.swap ?? 512),
    rootfs,
    ...Object.fromEntries(
      mounts.map((key, index) => [
        key,
        newDisk(world, place, String(settings[key]), settings.storage, index + 1),
      ]),
    ),
    ...(net !== undefined && {
      net0: macPattern.test(net) ? net : `${net},hwaddr=${mac},type=veth`,
    }),
    ...(settings.unprivileged !== false && { unprivileged: 1 }),
  };
}

function createdMachine(
  world: World,
  place: Place,
  settings: Settings,
  { mac, smbiosUuid, vmgenid, createdAt }: GuestIdentifiers,
): GuestConfig {
  const net = settings.net0 === undefined ? undefined : String(settings.net0);
  return {
    memory: Number(settings.memory ?? 512),
    meta: `creation-qemu=10.0.13,ctime=${createdAt}`,
    smbios1: `uuid=${smbiosUuid}`,
    vmgenid,
    ...(settings.scsi0 !== undefined && {
      scsi0: newDisk(world, place, String(settings.scsi0), undefined),
    }),
    ...(net !== undefined && {
      net0: macPattern.test(net) ? net : net.replace(/^(\w+)/, `$1=${mac}`),
    }),
  };
}

/** `local-lvm:32,mp=/data` asks for 32 GiB on that storage. */
function newDisk(
  world: World,
  { kind, vmid, node }: Place,
  wish: string,
  fallback: unknown,
  number = 0,
): string {
  const [place = "", ...options] = wish.split(",");
  const [asked = "", size = defaultDisk] = place.split(":");
  const content = kind === "lxc" ? "rootdir" : "images";
  const storage = asked || String(fallback ?? storageFor(world, node, content));
  const volume = freeVolume(world, storage, vmid, number);
  return [volume, ...options, `size=${size || defaultDisk}G`].join(",");
}

interface RestoreOptions {
  /** For all disks; where it is missing, a container's go to `local`, a machine's where they were. */
  readonly storage?: string | undefined;
  /** Disks of a container that are asked for one by one, such as `mp0`. */
  readonly settings: Settings;
  /** New MAC addresses, for a copy beside the original. */
  readonly unique?: boolean | undefined;
}

/** The configuration of a guest out of a backup: its own, but for disks and generation. */
export function restoredConfig(
  world: World,
  { kind, vmid }: Place,
  backedUp: GuestConfig,
  { vmgenid, smbiosUuid }: GuestIdentifiers,
  { storage, settings, unique = false }: RestoreOptions,
): GuestConfig {
  const { lock: _, ...config } = backedUp;
  const isOneByOne = kind === "lxc" && settings.rootfs !== undefined;
  disksOf(backedUp).forEach(({ key, volume }, index) => {
    const before = volume.slice(0, volume.indexOf(":"));
    const [asked] = isOneByOne ? String(settings[key] ?? "").split(":") : [];
    const target = asked ?? storage ?? (kind === "lxc" ? "local" : before);
    if (isOneByOne && settings[key] === undefined) {
      delete config[key];
      return;
    }
    const renamed = freeVolume(world, target, vmid, index);
    config[key] = String(config[key]).replace(volume, renamed);
  });
  if (kind === "qemu") config.vmgenid = vmgenid;
  if (unique) {
    for (const key of Object.keys(config).filter((name) => /^net\d+$/.test(name))) {
      config[key] = String(config[key]).replace(macPattern, stableMac(`${smbiosUuid}/${key}`));
    }
  }
  return config;
}

/** The first name from the given number on that no volume has. */
function freeVolume(world: World, storage: string, vmid: number, from = 0): string {
  let disk = from;
  while (world.volumes.has(volumeName(storage, vmid, disk))) disk += 1;
  return volumeName(storage, vmid, disk);
}
