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

/** Which of two tokens: what people and the model work with, or what deletions are done with. */
export type TokenPart = "agent" | "deletion";

/** What decides which privileges are needed. */
export interface Setup {
  /** Proxmox's major version. */
  readonly major: number;
  /** Absent where one token does everything. */
  readonly part?: TokenPart | undefined;
  /** The only pool whose guests may be changed; all guests where it is not said. */
  readonly pool?: string | undefined;
  /** Where guests are backed up before they are deleted; without it that is fine to do without. */
  readonly backupStorage?: string | undefined;
  /** Whether guests that are to be deleted are marked. */
  readonly mark?: boolean | undefined;
}

/** The role that gives a privilege; each role is the same whatever the program is set up to do. */
const roles: Readonly<Record<string, string>> = {
  "VM.Audit": readRole,
  "Sys.Audit": readRole,
  "Pool.Audit": readRole,
  "VM.GuestAgent.Audit": "AssistAddresses",
  "VM.Monitor": "AssistAddresses",
  "Datastore.Audit": "AssistStorage",
  "VM.PowerMgmt": "AssistPower",
  "VM.Allocate": "AssistDelete",
  "VM.Backup": "AssistBackup",
  "Datastore.AllocateSpace": "AssistBackupStore",
  "SDN.Use": "AssistNetwork",
  "VM.Config.Disk": "AssistDisks",
  "VM.Config.Options": "AssistOptions",
};

/** What the program can do with a token, and the least that the token needs for it. */
export function capabilitiesOf(setup: Setup): readonly Capability[] {
  const [looking, deleting] = [lookingOf(setup), deletingOf(setup)];
  if (setup.part === undefined) return [...looking, ...deleting];
  if (setup.part === "agent") return looking;
  // Whatever is deleted has to be looked at and switched off first; the rest is for people.
  const shared = looking.filter(({ name }) => name !== "addresses" && name !== "transfer");
  return [...shared, ...deleting];
}

/** What people ask for every day. */
function lookingOf({ major, pool }: Setup): readonly Capability[] {
  const withAgent = major >= 9;
  return [
    {
      name: "guests",
      importance: "required",
      needs: [need("/vms", "VM.Audit")],
      without: "no guest can be listed or looked at",
    },
    {
      name: "addresses",
      // VM.Monitor allows any command of the guest agent, those that run programs included.
      importance: withAgent ? "wanted" : "optional",
      needs: [need("/vms", withAgent ? "VM.GuestAgent.Audit" : "VM.Monitor")],
      without: "virtual machines are shown without their IP addresses",
    },
    {
      name: "cluster",
      importance: "required",
      needs: [need("/", "Sys.Audit"), need("/nodes", "Sys.Audit")],
      without:
        "quorum, the state of the nodes and others' tasks are not seen, and nothing can be deleted",
    },
    {
      name: "pools",
      importance: "wanted",
      needs: [need("/pool", "Pool.Audit")],
      without:
        "guests are shown without their pool, and rules of the policy for pools do not apply",
    },
    {
      name: "power",
      importance: "required",
      needs: [need(changedGuests(pool), "VM.PowerMgmt")],
      without: "no guest can be started, shut down, stopped or rebooted",
    },
    {
      name: "transfer",
      importance: "optional",
      needs: [need(changedGuests(pool), "VM.Config.Options")],
      without: "no guest can be given to another owner",
    },
  ];
}

/** What deletions are made of, and what undoes them. */
function deletingOf({ part, pool, backupStorage, mark }: Setup): readonly Capability[] {
  const allocate = need(changedGuests(pool), "VM.Allocate");
  // Of a guest that is gone, no pool says any more who may see its backups.
  const backUp = need("/vms", "VM.Backup");
  const storage = backupStorage ? `/storage/${backupStorage}` : "/storage";
  return [
    {
      name: "storages",
      importance: "optional",
      needs: [need("/storage", "Datastore.Audit")],
      without: "volumes that a deletion left behind are not found",
    },
    {
      name: "delete",
      importance: part === "deletion" ? "required" : "optional",
      needs: [allocate],
      without: "no guest can be deleted",
    },
    {
      name: "backup",
      importance: backupStorage ? "required" : "optional",
      needs: [backUp, need(storage, "Datastore.AllocateSpace"), need(storage, "Datastore.Audit")],
      without: backupStorage
        ? "no guest can be backed up, and so none is deleted"
        : "no guest can be backed up",
    },
    {
      name: "restore",
      importance: "optional",
      // The disks go back to the storages that they were on.
      needs: [
        allocate,
        backUp,
        need("/storage", "Datastore.AllocateSpace"),
        need("/sdn/zones/localnetwork", "SDN.Use"),
      ],
      without: "no backup can be restored",
    },
    {
      name: "restore disks",
      importance: "optional",
      needs: [need(changedGuests(pool), "VM.Config.Disk")],
      without: "a container whose disks were on several storages cannot be restored",
    },
    // Only where it was asked for: the privilege takes a guest's protection off as well.
    ...(mark ? [markingOf(pool)] : []),
  ];
}

function markingOf(pool: string | undefined): Capability {
  return {
    name: "mark",
    importance: "wanted",
    needs: [need(changedGuests(pool), "VM.Config.Options")],
    without: "guests whose deletion is scheduled are not marked",
  };
}

function changedGuests(pool: string | undefined): string {
  return pool === undefined ? "/vms" : `/pool/${pool}`;
}

function need(path: string, privilege: string): Need {
  const role = roles[privilege];
  if (role === undefined) throw new TypeError(`No role gives ${privilege}.`);
  return { path, privilege, role };
}

/**
 * What whoever has the token could do with a privilege; it is told where the program has no use for
 * it, as the agent's own token has none for what only deletions need.
 */
export const dangerousPrivileges: Readonly<Record<string, string>> = {
  "Permissions.Modify": "gives itself and others every other privilege",
  "User.Modify": "makes, changes and removes users and their tokens",
  "Realm.Allocate": "changes how users log in",
  "Realm.AllocateUser": "gives users to a realm",
  "Sys.Modify": "changes the nodes' and the cluster's configuration",
  "Sys.Console": "opens a shell on the nodes",
  "Sys.PowerMgmt": "shuts nodes down",
  "VM.Allocate": "destroys guests",
  "VM.Backup":
    "makes and reads backups of guests and, where it may use their storage, removes them",
  "VM.Config.Disk": "takes disks off guests and removes them",
  "VM.Config.Options": "takes the protection off guests",
  "VM.Console": "sits down at every guest's console",
  "VM.GuestAgent.Unrestricted": "runs any command within virtual machines",
  "VM.GuestAgent.FileRead": "reads any file within virtual machines",
  "VM.GuestAgent.FileWrite": "writes any file within virtual machines",
  "VM.Monitor": "runs any command within virtual machines",
  "VM.Snapshot.Rollback": "takes guests back to an earlier state",
  "Datastore.Allocate": "removes storages and any volume on them",
  "Datastore.AllocateSpace": "fills storages and, with VM.Backup, removes backups",
};
