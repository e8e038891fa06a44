import { describe, expect, it } from "vitest";
import type { SeedInput } from "#src/simulator/seed.ts";
import { useCluster } from "#test/support/cluster.ts";
import { backUp, clientOf, proxmoxOf, signal } from "#test/support/proxmox.ts";

const seed: SeedInput = {
  nodes: [{ name: "pve1" }, { name: "pve2" }],
  storages: [
    { id: "local", content: "rootdir,images" },
    { id: "backups-nfs", content: "backup" },
  ],
  guests: [
    { vmid: 103, kind: "lxc", name: "runner", node: "pve1", status: "running", disks: [8, 20] },
    { vmid: 104, kind: "lxc", name: "idle", node: "pve1", status: "stopped" },
    { vmid: 112, kind: "lxc", name: "db", node: "pve1", status: "running", ha: true },
    { vmid: 900, kind: "qemu", name: "debian", node: "pve1", status: "stopped", template: true },
    { vmid: 901, kind: "qemu", name: "clone", node: "pve2", status: "stopped", cloneOf: 900 },
    { vmid: 902, kind: "qemu", name: "alone", node: "pve1", status: "stopped", template: true },
  ],
};

/** LVM keeps a clone apart from what it is based on. */
const onLvm: SeedInput = {
  nodes: [{ name: "pve1" }],
  storages: [{ id: "local-lvm", content: "rootdir,images" }],
  guests: [
    { vmid: 900, kind: "qemu", name: "debian", node: "pve1", status: "stopped", template: true },
    { vmid: 901, kind: "qemu", name: "clone", node: "pve1", status: "stopped", cloneOf: 900 },
  ],
};

/** Its storage is of a kind that can make snapshots. */
const onZfs: SeedInput = {
  nodes: [{ name: "pve1" }],
  storages: [{ id: "local-zfs", content: "rootdir,images" }],
  guests: [{ vmid: 105, kind: "lxc", name: "old", node: "pve1", status: "stopped" }],
};

const cluster = useCluster(seed);

const read = async (vmid: number) =>
  cluster.proxmox.risks.read(await cluster.identify(vmid), signal);
const asRoot = () => cluster.simulator.callAsRoot;

/** The ports as a token with those privileges on everything has them. */
async function readAs(privileges: readonly string[], vmid: number) {
  const id = "little@pve!test";
  const grants = [{ path: "/", privileges: [...privileges] }];
  cluster.controls.token({ id, secret: "s3cret", grants });
  const client = clientOf(cluster.simulator, { tokenId: id, tokenSecret: "s3cret" });
  const risk = await proxmoxOf(cluster.simulator, client).risks.read(
    await cluster.identify(vmid),
    signal,
  );
  await client.close();
  return risk;
}

describe("what a change to a guest puts at risk", () => {
  it("is all there is to know of a guest that runs", async () => {
    expect(await read(103)).toEqual({
      status: "running",
      uptime: expect.any(Number),
      load: {
        cpu: expect.any(Number),
        network: expect.any(Number),
        disk: expect.any(Number),
      },
      disks: [
        { key: "rootfs", volume: "local:103/vm-103-disk-0.raw", size: "8G" },
        { key: "mp0", volume: "local:103/vm-103-disk-1.raw", size: "20G" },
      ],
      snapshots: [],
      lastBackup: "none",
      backupJobs: [],
      haManaged: false,
      replicas: [],
      linkedClones: [],
      runningTasks: [],
      lackedPrivileges: [],
    });
  });

  it("is no load where the guest does not run", async () => {
    const { status, load, uptime } = await read(104);

    expect({ status, load, uptime }).toEqual({ status: "stopped", load: undefined, uptime: 0 });
  });

  it("is its newest backup, and whether that was verified", async () => {
    const backup = await backUp(cluster.proxmox, await cluster.identify(103), "backups-nfs");
    expect((await read(103)).lastBackup).toEqual({ at: backup.createdAt });

    cluster.controls.verification({ volume: backup.volume, state: "ok" });
    expect((await read(103)).lastBackup).toEqual({ at: backup.createdAt, verified: true });

    cluster.controls.verification({ volume: backup.volume, state: "failed" });
    expect((await read(103)).lastBackup).toEqual({ at: backup.createdAt, verified: false });
  });

  it("is HA, replication, and the backup jobs that include it", async () => {
    await asRoot()("POST", "/cluster/replication", { id: "112-0", target: "pve2" });
    for (const [id, vmid] of Object.entries({ "backup-own": "112", "backup-other": "104" })) {
      const job = { id, vmid, storage: "backups-nfs", schedule: "daily" };
      await asRoot()("POST", "/cluster/backup", job);
    }

    expect(await read(112)).toMatchObject({
      haManaged: true,
      replicas: ["pve2"],
      backupJobs: ["backup-own"],
    });
  });

  it("is the guests whose disks are based on a template", async () => {
    expect((await read(900)).linkedClones).toEqual([901]);
    expect((await read(902)).linkedClones).toEqual([]);
  });

  it("is the tasks that work on it at this moment, of whomever", async () => {
    cluster.controls.slowTask({ type: "vzstart", vmid: 104, ms: 60_000 });
    await asRoot()("POST", "/nodes/pve1/lxc/104/status/start");

    expect((await read(104)).runningTasks).toEqual(["vzstart"]);
    expect((await read(103)).runningTasks).toEqual([]);
  });
});

describe("what cannot be read", () => {
  it.each([
    ["/nodes/pve1/lxc/103/snapshot", "snapshots"],
    ["/nodes/pve1/lxc/103/rrddata", "load"],
    ["/nodes/pve1/tasks", "runningTasks"],
    ["/cluster/backup", "backupJobs"],
    ["/cluster/replication", "replicas"],
    ["/access/permissions", "lackedPrivileges"],
    ["/nodes/pve1/storage/backups-nfs/content", "lastBackup"],
  ] as const)("is left out, and nothing else with it: %s", async (path, fact) => {
    const guest = await cluster.identify(103);
    cluster.controls.fault({ method: "GET", path, action: { kind: "answer", status: 500 } });

    const risk = await cluster.proxmox.risks.read(guest, signal);

    expect(risk[fact]).toBeUndefined();
    expect(risk.disks).toHaveLength(2);
    expect(risk.linkedClones).toEqual([]);
  });

  it("is not told to be absent by a token that sees less than all", async () => {
    const risk = await readAs(["VM.Audit", "Datastore.Audit"], 103);

    expect(risk).toMatchObject({ status: "running", snapshots: [], replicas: [] });
    expect(risk.lastBackup).toBeUndefined();
    expect(risk.runningTasks).toBeUndefined();
    expect(risk.backupJobs).toBeUndefined();
    expect(risk.lackedPrivileges).toEqual(["VM.PowerMgmt", "VM.Backup", "VM.Allocate"]);
  });

  it("is the clones of a template where a guest may be hidden", async () => {
    const id = "little@pve!test";
    const grants = [900, 902].map((vmid) => ({ path: `/vms/${vmid}`, privileges: ["VM.Audit"] }));
    cluster.controls.token({ id, secret: "s3cret", grants });
    const client = clientOf(cluster.simulator, { tokenId: id, tokenSecret: "s3cret" });
    const { risks } = proxmoxOf(cluster.simulator, client);

    expect((await risks.read(await cluster.identify(900), signal)).linkedClones).toBeUndefined();
    await client.close();
  });

  it("is not waited for", { timeout: 6_000 }, async () => {
    const guest = await cluster.identify(103);
    cluster.controls.fault({
      method: "GET",
      path: "/nodes/pve1/lxc/103/snapshot",
      action: { kind: "delay", ms: 60_000 },
    });

    const risk = await cluster.proxmox.risks.read(guest, signal);

    expect(risk.snapshots).toBeUndefined();
    expect(risk.lastBackup).toBe("none");
  });

  it("is everything, of another guest that took the VMID", async () => {
    const guest = await cluster.identify(103);
    cluster.controls.reuse({ vmid: 103, when: "now" });

    expect(await cluster.proxmox.risks.read(guest, signal)).toEqual({});
  });

  it("is everything, once nobody wants to know any more", async () => {
    expect(
      await cluster.proxmox.risks.read(await cluster.identify(103), AbortSignal.abort()),
    ).toEqual({});
  });
});

describe("a guest on a storage that can do more", () => {
  const zfs = useCluster(onZfs);

  it("has snapshots, without the present state that Proxmox lists among them", async () => {
    const path = "/nodes/pve1/lxc/105/snapshot";
    const made = await zfs.simulator.callAsRoot("POST", path, { snapname: "before-upgrade" });
    await zfs.simulator.taskEnd(made.data);

    const { snapshots, lastBackup } = await zfs.proxmox.risks.read(await zfs.identify(105), signal);

    expect(snapshots).toEqual(["before-upgrade"]);
    // No storage for backups is seen, so there may be one elsewhere.
    expect(lastBackup).toBeUndefined();
  });
});

describe("a template whose clones do not tell", () => {
  const lvm = useCluster(onLvm);

  it("is not said to have none", async () => {
    const { linkedClones } = await lvm.proxmox.risks.read(await lvm.identify(900), signal);

    expect(linkedClones).toBeUndefined();
  });
});
