import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { SeedInput } from "#src/simulator/seed.ts";
import { type RunningSimulator, startSimulator } from "#test/support/simulator.ts";

const seed: SeedInput = {
  nodes: [{ name: "pve1" }, { name: "pve2" }],
  storages: [
    { id: "local-lvm", content: "rootdir,images" },
    { id: "backup-nfs", content: "backup" },
  ],
  guests: [
    { vmid: 101, kind: "lxc", name: "ct", node: "pve1", status: "running", notes: "hello\nyou" },
    { vmid: 102, kind: "lxc", name: "other", node: "pve2", status: "running" },
    { vmid: 103, kind: "lxc", name: "locked", node: "pve1", status: "stopped", lock: "migrate" },
    { vmid: 201, kind: "qemu", name: "vm", node: "pve1", status: "stopped" },
  ],
};

let simulator: RunningSimulator;
beforeAll(async () => {
  simulator = await startSimulator(seed);
});
afterAll(() => simulator.stop());
beforeEach(() => simulator.controls.reset());

const vzdump = (vmid: string, more: Record<string, string> = {}) =>
  simulator.call("POST", "/nodes/pve1/vzdump", { vmid, storage: "backup-nfs", ...more });

interface ListedBackup {
  readonly volid: string;
  readonly [key: string]: unknown;
}

async function backups(vmid?: string): Promise<ListedBackup[]> {
  const path = "/nodes/pve2/storage/backup-nfs/content";
  const { data } = await simulator.call("GET", path, { content: "backup", ...(vmid && { vmid }) });
  return data as ListedBackup[];
}

async function backUp(vmid: string, more: Record<string, string> = {}): Promise<string> {
  const { data } = await vzdump(vmid, more);
  expect(await simulator.taskEnd(data)).toBe("OK");
  return (await backups(vmid))[0]?.volid ?? "";
}

async function logOf(upid: unknown): Promise<string[]> {
  const path = `/nodes/pve1/tasks/${encodeURIComponent(String(upid))}/log`;
  const { data } = await simulator.callAsRoot("GET", path);
  return (data as { t: string }[]).map(({ t }) => t);
}

async function restore(kind: "lxc" | "qemu", form: Record<string, string>): Promise<string> {
  const { data } = await simulator.call("POST", `/nodes/pve1/${kind}`, form);
  return simulator.taskEnd(data);
}

async function configOf(guest: string): Promise<Record<string, string>> {
  const { data } = await simulator.call("GET", `/nodes/pve1/${guest}/config`);
  return data as Record<string, string>;
}

describe("vzdump", () => {
  it("makes a backup that every node sees on a shared storage", async () => {
    await backUp("101", { "notes-template": "{{guestname}} on {{node}}", protected: "1" });

    expect(await backups()).toEqual([
      expect.objectContaining({
        volid: expect.stringMatching(
          /^backup-nfs:backup\/vzdump-lxc-101-\d{4}_\d\d_\d\d-\d\d_\d\d_\d\d\.tar\.zst$/,
        ),
        vmid: 101,
        subtype: "lxc",
        notes: "ct on pve1",
        protected: 1,
        ctime: expect.any(Number),
        size: expect.any(Number),
      }),
    ]);
  });

  it("fills in its notes, and what is escaped in them", async () => {
    const volid = await backUp("101", { "notes-template": "{{vmid}}: a\\\\b\\nc {d}" });

    expect(await backups()).toEqual([
      expect.objectContaining({ volid, notes: "101: a\\b\nc {d}" }),
    ]);
  });

  it("refuses notes that it cannot fill in", async () => {
    expect(await vzdump("101", { "notes-template": "{{nothing}}" })).toMatchObject({
      status: 400,
      errors: { "notes-template": "found unknown: variable 'nothing'" },
    });
  });

  it("answers OK and does nothing where the guest is on another node", async () => {
    expect(await vzdump("102")).toMatchObject({ status: 200, data: "OK" });
    expect(await backups()).toEqual([]);
  });

  it("fails late for a guest that no node has", async () => {
    const { data } = await vzdump("999");

    expect(await simulator.taskEnd(data)).toBe("job errors");
    expect(await logOf(data)).toContain("ERROR: Backup of VM 999 failed - unable to find VM '999'");
  });

  it("backs up the others when one of several fails", async () => {
    const { data } = await vzdump("103,101");

    expect(data).toMatch(/:vzdump::/);
    expect(await simulator.taskEnd(data)).toBe("job errors");
    expect(await backups()).toEqual([expect.objectContaining({ vmid: 101 })]);
  });

  it("fails late on a storage that takes no backups", async () => {
    const { data } = await simulator.callAsRoot("POST", "/nodes/pve1/vzdump", {
      vmid: "101",
      storage: "local-lvm",
    });

    expect(await simulator.taskEnd(data)).toMatch(/^could not get storage information/);
  });

  it("locks the guest while it runs, and lets one run at a time", async () => {
    await using slow = await startSimulator(seed, { pace: 0.1 });
    const start = (vmid: string) =>
      slow.call("POST", "/nodes/pve1/vzdump", { vmid, storage: "backup-nfs" });
    const [{ data: first }, { data: second }] = [await start("101"), await start("201")];

    const { data } = await slow.call("GET", "/nodes/pve1/lxc/101/config");
    expect(data).toMatchObject({ lock: "backup" });
    const other = await slow.call("GET", "/nodes/pve1/qemu/201/config");
    expect(other.data).not.toHaveProperty("lock");

    expect(await slow.taskEnd(first)).toBe("OK");
    expect(await slow.taskEnd(second)).toBe("OK");
    const after = await slow.call("GET", "/nodes/pve1/lxc/101/config");
    expect(after.data).not.toHaveProperty("lock");
  });
});

describe("a backup", () => {
  it("tells what is in it", async () => {
    const volume = await backUp("101");

    const { data } = await simulator.call("GET", "/nodes/pve1/vzdump/extractconfig", { volume });

    expect(data).toMatch(/^#hello\n#you\narch: amd64\n(?:.+\n)*hostname: ct\n/);
    expect(data).not.toMatch(/lock/);
  });

  it("takes other notes, and protection from removal", async () => {
    const volume = await backUp("101");
    const path = `/nodes/pve1/storage/backup-nfs/content/${encodeURIComponent(volume)}`;
    await simulator.call("PUT", path, { notes: "keep", protected: "1" });

    expect(await simulator.call("GET", path)).toMatchObject({
      data: { notes: "keep", protected: 1 },
    });
    const { data: refused } = await simulator.call("DELETE", path);
    expect(refused).toMatch(/:imgdel:101@backup-nfs:/);
    expect(await simulator.taskEnd(refused)).toMatch(/^cannot remove protected volume/);

    await simulator.call("PUT", path, { protected: "0" });
    const { data } = await simulator.call("DELETE", path);
    expect(await simulator.taskEnd(data)).toBe("OK");
    expect(await backups()).toEqual([]);
  });

  it("outlives its guest", async () => {
    const volume = await backUp("201");
    const { data } = await simulator.call("DELETE", "/nodes/pve1/qemu/201");
    await simulator.taskEnd(data);

    expect(await backups("201")).toEqual([expect.objectContaining({ volid: volume })]);
  });
});

describe("a restore", () => {
  it("of a container keeps its MAC address, on disks of its own", async () => {
    const ostemplate = await backUp("101");

    const form = { vmid: "150", ostemplate, restore: "1", storage: "local-lvm" };
    expect(await restore("lxc", form)).toBe("OK");

    const [original, copy] = [await configOf("lxc/101"), await configOf("lxc/150")];
    expect(copy).toMatchObject({
      net0: original.net0,
      description: "hello\nyou\n",
      rootfs: "local-lvm:vm-150-disk-0,size=8G",
    });
    expect(copy).not.toHaveProperty("lock");
  });

  it("of a container puts its disks on local, unless it is told where", async () => {
    const ostemplate = await backUp("101");
    const form = { vmid: "150", ostemplate, restore: "1" };

    expect(await simulator.call("POST", "/nodes/pve1/lxc", form)).toMatchObject({
      status: 500,
      message: "storage 'local' does not exist\n",
    });
    const wrong = { ...form, storage: "backup-nfs" };
    expect(await simulator.call("POST", "/nodes/pve1/lxc", wrong)).toMatchObject({
      status: 400,
      errors: { storage: "storage 'backup-nfs' does not support container directories" },
    });
    const one = { ...form, rootfs: "local-lvm:8" };
    expect(await simulator.call("POST", "/nodes/pve1/lxc", one)).toMatchObject({
      status: 403,
      message: "Permission check failed (/vms/150, VM.Config.Disk)\n",
    });
    const { data } = await simulator.callAsRoot("POST", "/nodes/pve1/lxc", one);
    expect(await simulator.taskEnd(data)).toBe("OK");
    expect((await configOf("lxc/150")).rootfs).toBe("local-lvm:vm-150-disk-0,size=8G");
  });

  it("of a machine puts its disks back where they were", async () => {
    const archive = await backUp("201");
    await restore("qemu", { vmid: "250", archive });
    expect((await configOf("qemu/250")).scsi0).toBe("local-lvm:vm-250-disk-0,size=8G");
  });

  it("joins a pool, if there is such a pool", async () => {
    const archive = await backUp("201");
    const form = { vmid: "250", archive, pool: "lab" };

    expect(await simulator.call("POST", "/nodes/pve1/qemu", form)).toMatchObject({
      status: 403,
      message: "Permission check failed (pool 'lab' does not exist)\n",
    });
    await simulator.callAsRoot("POST", "/pools", { poolid: "lab" });
    expect(await restore("qemu", form)).toBe("OK");
    const { data } = await simulator.callAsRoot("GET", "/pools", { poolid: "lab" });
    expect(data).toMatchObject([{ members: [{ vmid: 250 }] }]);
  });

  it("gets new MAC addresses when it is to be unique", async () => {
    const ostemplate = await backUp("101");
    const form = { vmid: "150", ostemplate, restore: "1", storage: "local-lvm", unique: "1" };
    await restore("lxc", form);

    expect((await configOf("lxc/150")).net0).toMatch(/BC:24:11:/);
    expect((await configOf("lxc/150")).net0).not.toBe((await configOf("lxc/101")).net0);
  });

  it("of a machine keeps its creation and UUID, and begins a new generation", async () => {
    const archive = await backUp("201");
    expect(await restore("qemu", { vmid: "250", archive })).toBe("OK");

    const [original, copy] = [await configOf("qemu/201"), await configOf("qemu/250")];
    expect(copy).toMatchObject({ meta: original.meta, smbios1: original.smbios1 });
    expect(copy.vmgenid).not.toBe(original.vmgenid);
  });

  it("over a guest needs force, and that it is stopped", async () => {
    const ostemplate = await backUp("101");
    const form = { vmid: "101", ostemplate, restore: "1", storage: "local-lvm" };

    expect(await simulator.call("POST", "/nodes/pve1/lxc", form)).toMatchObject({
      message: "CT 101 already exists on node 'pve1'\n",
    });
    expect(await simulator.call("POST", "/nodes/pve1/lxc", { ...form, force: "1" })).toMatchObject({
      status: 500,
    });
    simulator.controls.guest({ vmid: 101, status: "stopped" });
    expect(await restore("lxc", { ...form, force: "1" })).toBe("OK");
  });

  it("fails late where there is no such backup", async () => {
    const ostemplate = "backup-nfs:backup/none.tar.zst";

    const form = { vmid: "150", ostemplate, restore: "1", storage: "local-lvm" };
    expect(await restore("lxc", form)).toBe(
      `unable to restore CT 150 - volume '${ostemplate}' does not exist`,
    );
    expect(await simulator.call("GET", "/cluster/nextid", { vmid: "150" })).toMatchObject({
      data: "150",
    });
  });

  it("fails late without SDN.Use on the bridge", async () => {
    const ostemplate = await backUp("101");
    simulator.controls.token({
      id: "no-sdn@pve!t",
      secret: "s",
      grants: [
        { path: "/vms", privileges: ["VM.Allocate", "VM.Backup"] },
        { path: "/storage", privileges: ["Datastore.AllocateSpace"] },
      ],
    });
    const call = simulator.callAs({ tokenId: "no-sdn@pve!t", tokenSecret: "s" });
    const form = { vmid: "150", ostemplate, restore: "1", storage: "local-lvm" };
    const { data } = await call("POST", "/nodes/pve1/lxc", form);

    expect(await simulator.taskEnd(data)).toMatch(
      /403 Permission check failed \(\/sdn\/zones\/localnetwork\/vmbr0, SDN\.Use\)$/,
    );
  });
});
