import { describe, expect, it } from "vitest";
import type { SeedInput } from "#src/simulator/seed.ts";
import { useCluster } from "#test/support/cluster.ts";
import { errorOf, signal } from "#test/support/proxmox.ts";

const seed: SeedInput = {
  nodes: [{ name: "pve1" }, { name: "pve2" }],
  storages: [
    { id: "local-lvm", content: "rootdir,images" },
    { id: "backups", content: "backup" },
    { id: "far", content: "backup", nodes: ["pve2"] },
  ],
  guests: [
    { vmid: 103, kind: "lxc", name: "runner", node: "pve1", status: "stopped" },
    { vmid: 105, kind: "lxc", name: "dev", node: "pve2", status: "running" },
    { vmid: 111, kind: "lxc", name: "wiki", node: "pve1", status: "stopped", lock: "snapshot" },
    { vmid: 201, kind: "qemu", name: "win", node: "pve2", status: "stopped" },
  ],
};

const cluster = useCluster(seed);
const { identify } = cluster;
const options = { signal };
const backUp = async (vmid: number, storage = "backups") =>
  cluster.proxmox.backups.backup(await identify(vmid), storage, options);
const posts = () => cluster.calls("POST");

describe("a backup", () => {
  it.each([
    ["a container", 105, "ct"],
    ["a machine", 201, "vm"],
  ])("of %s is made on its own node, protected, and prunes nothing", async (_, vmid, kind) => {
    const backup = await backUp(vmid);
    expect(backup).toMatchObject({ vmid, kind, protected: true });
    expect(backup.volume).toMatch(/^backups:backup\//);
    expect(Math.abs(backup.createdAt - Date.now())).toBeLessThan(60_000);
    expect(posts()).toHaveLength(1);
    expect(posts()[0]).toMatchObject({
      path: "/nodes/pve2/vzdump",
      input: { vmid: String(vmid), remove: "0", protected: "1", mode: "snapshot" },
    });
  });

  it("is not made by a node that does not hold the guest, whatever it answers", async () => {
    const body = '{"data":"OK"}';
    cluster.controls.fault({
      method: "POST",
      action: { kind: "answer", status: 200, body },
    });
    const error = await errorOf(backUp(105));
    expect(error).toMatchObject({ kind: "task-failed" });
  });

  it("is not there while the storage lists none", async () => {
    cluster.controls.taskEnding({ type: "vzdump", exitStatus: "OK", acts: false });
    const error = await errorOf(backUp(105));
    expect(error).toMatchObject({ kind: "task-failed", upid: expect.stringMatching(/^UPID:/) });
    expect(error.message).toContain("lists no new backup");
  });

  it("is none of those that were there before", async () => {
    const volid = "backups:backup/vzdump-lxc-105-2020_01_01-00_00_00.tar.zst";
    const body = JSON.stringify({ data: [{ volid, vmid: 105, ctime: 1_577_836_800 }] });
    const action = { kind: "answer", status: 200, body } as const;
    cluster.controls.fault({ path: "/nodes/pve2/storage/backups/content", action });
    const error = await errorOf(backUp(105));
    expect(error.message).toContain("lists no new backup");
  });

  it("counts only if this very guest is in it", async () => {
    const body = JSON.stringify({ data: "arch: amd64\nhostname: dev\nostype: debian\n" });
    const action = { kind: "answer", status: 200, body } as const;
    cluster.controls.fault({ path: "*/extractconfig", action });
    const error = await errorOf(backUp(105));
    expect(error.kind).toBe("changed-guest");
  });

  it("of another guest than the one that was meant is not made", async () => {
    const other = { ...(await identify(105)), fingerprint: "ct:0" };
    const error = await errorOf(cluster.proxmox.backups.backup(other, "backups", options));
    expect(error.kind).toBe("changed-guest");
    expect(posts()).toEqual([]);
  });

  it("of a locked guest is refused", async () => {
    const error = await errorOf(backUp(111));
    expect(error.kind).toBe("locked");
    expect(posts()).toEqual([]);
  });
});

describe("the list of backups", () => {
  it("holds those of one guest, or all", async () => {
    await backUp(105);
    await backUp(103);
    const all = await cluster.proxmox.backups.list("backups", undefined, signal);
    expect(all.map(({ vmid }) => vmid).sort()).toEqual([103, 105]);
    const one = await cluster.proxmox.backups.list("backups", 105, signal);
    expect(one.map(({ vmid, notes }) => [vmid, notes])).toEqual([
      [105, "dev (105) on pve2, by proxmox-agent"],
    ]);
  });

  it("asks the nodes that have the storage", async () => {
    await backUp(105, "far");
    expect(await cluster.proxmox.backups.list("far", 105, signal)).toHaveLength(1);
  });

  it("says when nobody has that storage", async () => {
    const error = await errorOf(cluster.proxmox.backups.list("nope", undefined, signal));
    expect(error.message).toContain("storage nope");
  });
});

describe("a restore", () => {
  it.each([
    ["a container", 105],
    ["a machine", 201],
  ])("brings %s back under a free VMID, stopped", async (_, vmid) => {
    const backup = await backUp(vmid);
    const place = { node: "pve1", vmid: 300, storage: "local-lvm" };
    const { upid } = await cluster.proxmox.backups.restore(backup, place, options);
    expect(upid).toMatch(/restore:300:/);
    const restored = await cluster.proxmox.guests.find("300", signal);
    expect(restored).toMatchObject({ node: "pve1", status: "stopped", kind: backup.kind });
    const input = posts().at(-1)?.input;
    expect(input).not.toHaveProperty("force");
    expect(input).not.toHaveProperty("start");
  });

  it("never overwrites a guest", async () => {
    const backup = await backUp(105);
    cluster.controls.clearJournal();
    const place = { node: "pve1", vmid: 103, storage: "local-lvm" };
    const error = await errorOf(cluster.proxmox.backups.restore(backup, place, options));
    expect(error.kind).toBe("bad-parameter");
    expect(error.message).toContain("103 already exists");
    expect(posts()).toEqual([]);
  });

  it("that the token may not do names the missing privilege", async () => {
    const backup = await backUp(105);
    const exitStatus =
      "unable to restore CT 300 - 403 Permission check failed (/sdn/zones/localnetwork/vmbr0, SDN.Use)";
    cluster.controls.taskEnding({ type: "vzrestore", exitStatus });
    const place = { node: "pve1", vmid: 300, storage: "local-lvm" };
    const error = await errorOf(cluster.proxmox.backups.restore(backup, place, options));
    expect(error.kind).toBe("forbidden");
    expect(error.message).toContain("SDN.Use on /sdn/zones/localnetwork/vmbr0");
  });
});
