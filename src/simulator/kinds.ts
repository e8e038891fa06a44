/** As the API names them in its paths. */
export type ApiKind = "lxc" | "qemu";

/** What differs in name only between containers and virtual machines. */
interface Kind {
  readonly label: "CT" | "VM";
  /** Task types begin with it: `vzstart`, `qmstart`. */
  readonly taskPrefix: "vz" | "qm";
  readonly configFolder: string;
  readonly nameKey: "hostname" | "name";
  readonly haPrefix: "ct" | "vm";
  /** The volume content that its disks are. */
  readonly diskContent: "rootdir" | "images";
  lockFile(vmid: number): string;
}

/** How Proxmox words each kind. */
export const kinds: Readonly<Record<ApiKind, Kind>> = {
  lxc: {
    label: "CT",
    taskPrefix: "vz",
    configFolder: "lxc",
    nameKey: "hostname",
    haPrefix: "ct",
    diskContent: "rootdir",
    lockFile: (vmid) => `/run/lock/lxc/pve-config-${vmid}.lock`,
  },
  qemu: {
    label: "VM",
    taskPrefix: "qm",
    configFolder: "qemu-server",
    nameKey: "name",
    haPrefix: "vm",
    diskContent: "images",
    lockFile: (vmid) => `/var/lock/qemu-server/lock-${vmid}.conf`,
  },
};
