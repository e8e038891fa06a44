import type { Grant } from "./acl.ts";

/** Every privilege that Proxmox VE 9 knows. */
export const allPrivileges: readonly string[] = [
  "Datastore.Allocate",
  "Datastore.AllocateSpace",
  "Datastore.AllocateTemplate",
  "Datastore.Audit",
  "Group.Allocate",
  "Mapping.Audit",
  "Mapping.Modify",
  "Mapping.Use",
  "Permissions.Modify",
  "Pool.Allocate",
  "Pool.Audit",
  "Realm.Allocate",
  "Realm.AllocateUser",
  "SDN.Allocate",
  "SDN.Audit",
  "SDN.Use",
  "Sys.AccessNetwork",
  "Sys.Audit",
  "Sys.Console",
  "Sys.Incoming",
  "Sys.Modify",
  "Sys.PowerMgmt",
  "Sys.Syslog",
  "User.Modify",
  "VM.Allocate",
  "VM.Audit",
  "VM.Backup",
  "VM.Clone",
  "VM.Config.CDROM",
  "VM.Config.CPU",
  "VM.Config.Cloudinit",
  "VM.Config.Disk",
  "VM.Config.HWType",
  "VM.Config.Memory",
  "VM.Config.Network",
  "VM.Config.Options",
  "VM.Console",
  "VM.GuestAgent.Audit",
  "VM.GuestAgent.FileRead",
  "VM.GuestAgent.FileSystemMgmt",
  "VM.GuestAgent.FileWrite",
  "VM.GuestAgent.Unrestricted",
  "VM.Migrate",
  "VM.PowerMgmt",
  "VM.Replicate",
  "VM.Snapshot",
  "VM.Snapshot.Rollback",
];

const read = ["VM.Audit", "VM.GuestAgent.Audit", "Sys.Audit", "Pool.Audit", "Datastore.Audit"];

/**
 * What the assistant needs and no more. Each path repeats the reading privileges, because a grant
 * on a deeper path replaces the one above.
 */
export const assistantGrants: readonly Grant[] = [
  { path: "/", privileges: read },
  {
    path: "/vms",
    privileges: [...read, "VM.PowerMgmt", "VM.Backup", "VM.Allocate", "VM.Config.Options"],
  },
  { path: "/storage", privileges: [...read, "Datastore.AllocateSpace"] },
  { path: "/sdn/zones/localnetwork", privileges: [...read, "SDN.Use"] },
];
