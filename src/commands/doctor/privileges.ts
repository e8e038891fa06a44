/** A privilege on a path and on everything below, and the role of ours that gives it. */
export interface Need {
  readonly path: string;
  readonly privilege: string;
  readonly role: string;
}

/** Something that the program can do if its token may. */
export interface Capability {
  readonly name: string;
  /** Wanted: the rest works without. Optional: fine to do without. */
  readonly importance: "required" | "wanted" | "optional";
  readonly needs: readonly Need[];
  /** What happens without it, as the end of a sentence. */
  readonly without: string;
}

/**
 * The role for reading. It belongs on every path that has a role at all, because roles on a deeper
 * path replace those from above.
 */
export const readRole = "AssistRead";

/** What decides which privileges are needed. */
export interface Setup {
  /** Proxmox's major version. */
  readonly major: number;
  /** Where guests are backed up before they are deleted; without it that is fine to do without. */
  readonly backupStorage?: string | undefined;
  /** Whether guests that are to be deleted are marked. */
  readonly mark?: boolean | undefined;
}

/** What the program can do, and the least that its token needs for it. */
export function capabilitiesOf({ major, backupStorage, mark }: Setup): readonly Capability[] {
  const read = (path: string, privilege: string): Need => ({ path, privilege, role: readRole });
  const allocate: Need = { path: "/vms", privilege: "VM.Allocate", role: "AssistDelete" };
  const backUp: Need = { path: "/vms", privilege: "VM.Backup", role: "AssistBackup" };
  const store = (path: string): Need => ({
    path,
    privilege: "Datastore.AllocateSpace",
    role: "AssistBackupStore",
  });
  const network: Need = {
    path: "/sdn/zones/localnetwork",
    privilege: "SDN.Use",
    role: "AssistNetwork",
  };
  return [
    {
      name: "guests",
      importance: "required",
      needs: [read("/vms", "VM.Audit")],
      without: "no guest can be listed or looked at",
    },
    {
      name: "addresses",
      importance: "wanted",
      needs: [read("/vms", major >= 9 ? "VM.GuestAgent.Audit" : "VM.Monitor")],
      without: "virtual machines are shown without their IP addresses",
    },
    {
      name: "cluster",
      importance: "required",
      needs: [read("/", "Sys.Audit"), read("/nodes", "Sys.Audit")],
      without:
        "quorum, the state of the nodes and others' tasks are not seen, and nothing can be deleted",
    },
    {
      name: "pools",
      importance: "optional",
      needs: [read("/pool", "Pool.Audit")],
      without: "guests are shown without their pool",
    },
    {
      name: "storages",
      importance: "optional",
      needs: [read("/storage", "Datastore.Audit")],
      without: "volumes that a deletion left behind are not found",
    },
    {
      name: "power",
      importance: "required",
      needs: [{ path: "/vms", privilege: "VM.PowerMgmt", role: "AssistPower" }],
      without: "no guest can be started, shut down, stopped or rebooted",
    },
    {
      name: "delete",
      importance: "optional",
      needs: [allocate],
      without: "no guest can be deleted",
    },
    {
      name: "backup",
      importance: backupStorage ? "required" : "optional",
      needs: [backUp, store(backupStorage ? `/storage/${backupStorage}` : "/storage")],
      without: backupStorage
        ? "no guest can be backed up, and so none is deleted"
        : "no guest can be backed up",
    },
    {
      name: "restore",
      importance: "optional",
      // The disks go back to the storages that they were on.
      needs: [allocate, backUp, store("/storage"), network],
      without: "no backup can be restored",
    },
    ...(mark ? [marking] : []),
  ];
}

/** Only where it was asked for: the privilege takes a guest's protection off as well. */
const marking: Capability = {
  name: "mark",
  importance: "wanted",
  needs: [{ path: "/vms", privilege: "VM.Config.Options", role: "AssistMark" }],
  without: "guests whose deletion is scheduled are not marked",
};

/** Privileges that the program never uses, by what whoever has the token could do with them. */
export const dangerousPrivileges: Readonly<Record<string, string>> = {
  "Permissions.Modify": "gives itself and others every other privilege",
  "User.Modify": "makes, changes and removes users and their tokens",
  "Realm.Allocate": "changes how users log in",
  "Realm.AllocateUser": "gives users to a realm",
  "Sys.Modify": "changes the nodes' and the cluster's configuration",
  "Sys.Console": "opens a shell on the nodes",
  "Sys.PowerMgmt": "shuts nodes down",
  "VM.Console": "sits down at every guest's console",
  "VM.GuestAgent.Unrestricted": "runs any command within virtual machines",
  "VM.GuestAgent.FileRead": "reads any file within virtual machines",
  "VM.GuestAgent.FileWrite": "writes any file within virtual machines",
  "Datastore.Allocate": "removes storages and any volume on them",
};
