import { z } from "zod";

// Proxmox's types vary by guest kind and version: numbers come as text, yes and no as 1 and 0.
// What is not read here is ignored.

const number = z.coerce.number();
const flag = z
  .unknown()
  .optional()
  .transform((value) => value === true || value === 1 || value === "1");
const text = z.coerce.string();

/** The result of a call that starts a task: a UPID, or "OK" where nothing was started. */
export const taskStart = z.string();

/** The same where a small one is carried out at once: null then. */
export const taskStartOrNull = z.string().nullish();

/** The lowest VMID that is free. */
export const vmid = number;

/** A call whose result says nothing. */
export const nothing = z.unknown();

export const version = z.object({ version: text, release: text.optional() });

export const guestResources = z.array(
  z.object({
    vmid: number,
    type: z.enum(["lxc", "qemu"]),
    node: z.string(),
    name: text.optional(),
    status: z.string().default("unknown"),
    tags: text.optional(),
    pool: text.optional(),
    lock: text.optional(),
    hastate: text.nullish(),
    template: flag,
    cpu: number.default(0),
    mem: number.default(0),
    maxmem: number.default(0),
    maxdisk: number.default(0),
    uptime: number.default(0),
  }),
);
export type GuestResource = z.infer<typeof guestResources>[number];

export const storageResources = z.array(
  z.object({
    storage: z.string(),
    node: z.string(),
    status: z.string().default("unknown"),
    content: text.default(""),
    plugintype: text.optional(),
    shared: flag,
  }),
);

export const snapshots = z.array(z.object({ name: text }));

/** A guest's configuration, every single value as text. */
export const guestConfig = z.record(z.string(), z.unknown()).transform((config): GuestConfig => {
  const scalars = Object.entries(config).filter(([, value]) => typeof value !== "object");
  return Object.fromEntries(scalars.map(([key, value]) => [key, String(value)]));
});
export type GuestConfig = Readonly<Record<string, string | undefined>>;

export const guestCurrent = z.object({
  status: z.string(),
  qmpstatus: z.string().optional(),
  lock: text.optional(),
  cpu: number.default(0),
  mem: number.default(0),
  maxmem: number.default(0),
  maxdisk: number.default(0),
  uptime: number.default(0),
  ha: z.object({ managed: flag, state: text.nullish() }).optional(),
});
export type GuestCurrent = z.infer<typeof guestCurrent>;

const addressList = z
  .array(z.object({ "ip-address": text.optional() }))
  .nullish()
  .transform((list) => (list ?? []).flatMap((entry) => entry["ip-address"] ?? []));

/** A container's interfaces; null while it is stopped. Version 8 knows `inet` and `inet6` only. */
export const containerInterfaces = z
  .array(
    z.object({
      "ip-addresses": addressList,
      inet: text.optional(),
      inet6: text.optional(),
    }),
  )
  .nullish();

/** What a virtual machine's guest agent tells of its interfaces. */
export const agentInterfaces = z.object({
  result: z.array(z.object({ "ip-addresses": addressList })),
});

export const clusterStatus = z.array(
  z.object({
    type: z.string(),
    name: text.optional(),
    quorate: flag,
    online: flag,
  }),
);

export const nodes = z.array(
  z.object({
    node: z.string(),
    status: z.string().default("unknown"),
    cpu: number.optional(),
    mem: number.optional(),
    maxmem: number.optional(),
    uptime: number.optional(),
  }),
);

export type ListedNode = z.infer<typeof nodes>[number];

export const taskStatus = z.object({
  status: z.string(),
  exitstatus: text.optional(),
});

export const taskLog = z.array(z.object({ n: number, t: text }));

export const tasks = z.array(
  z.object({
    upid: z.string(),
    type: z.string(),
    id: text.default(""),
    starttime: number,
    /** Absent while it runs. */
    endtime: number.optional(),
  }),
);

export const replicationJobs = z.array(
  z.object({ id: text, guest: number, target: text.optional() }),
);

/** Jobs that back guests up regularly: the ones listed, those of a pool, or all but some. */
export const backupJobs = z.array(
  z.object({
    id: text,
    enabled: z.unknown().transform((value) => value === undefined || String(value) !== "0"),
    vmid: text.default(""),
    all: flag,
    exclude: text.default(""),
    pool: text.optional(),
    node: text.optional(),
  }),
);
export type BackupJob = z.infer<typeof backupJobs>[number];

/** Averages over a minute each, oldest first; one that was not collected has a time only. */
export const loadHistory = z.array(
  z.object({
    time: number,
    cpu: number.optional(),
    netin: number.default(0),
    netout: number.default(0),
    diskread: number.default(0),
    diskwrite: number.default(0),
  }),
);

/** Effective privileges by path. */
export const permissions = z.record(z.string(), z.record(z.string(), z.unknown()));

export const nodeStorages = z.array(
  z.object({ storage: z.string(), content: text.default(""), active: flag }),
);

export const storageContent = z.array(
  z.object({
    volid: z.string(),
    content: text.optional(),
    vmid: number.optional(),
    ctime: number.default(0),
    size: number.default(0),
    notes: text.optional(),
    protected: flag,
    /** Of the backups on a Proxmox Backup Server. */
    verification: z.object({ state: text }).optional().catch(undefined),
    subtype: text.optional(),
  }),
);
export type StorageVolume = z.infer<typeof storageContent>[number];

/** The configuration file inside a backup. */
export const backupConfig = z.string();
