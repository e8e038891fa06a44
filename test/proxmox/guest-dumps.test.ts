import { describe, expect, it } from "vitest";
import type { SeedInput } from "#src/simulator/seed.ts";
import { useCluster } from "#test/support/cluster.ts";
import { backUp, errorOf, signal } from "#test/support/proxmox.ts";

const seed: SeedInput = {
  nodes: [{ name: "pve1" }, { name: "pve2" }],
  storages: [
    { id: "local-lvm", content: "rootdir,images" },
    { id: "backups", content: "backup" },
  ],
  guests: [
    { vmid: 105, kind: "lxc", name: "dev", node: "pve2", status: "running" },
    { vmid: 111, kind: "lxc", name: "wiki", node: "pve1", status: "stopped", lock: "snapshot" },
    { vmid: 201, kind: "qemu", name: "win", node: "pve2", status: "stopped" },
  ],
};

const cluster = useCluster(seed);
const { identify } = cluster;
const posts = () => cluster.calls("POST");
const begin = async (vmid: number, note = "before a test") => {
  const { preparation } = cluster.proxmox;
  const { upid } = await preparation.beginBackup(await identify(vmid), "backups", note, signal);
  return upid;
};
const find = async (vmid: number, upid: string) =>
  cluster.proxmox.preparation.findBackup(await identify(vmid), "backups", upid, signal);
/** Began, and ended as `exitStatus` says. */
const ended = async (vmid: number) => {
  const upid = await begin(vmid);
  await cluster.simulator.taskEnd(upid);
  return upid;
};

describe("a backup", () => {
  it.each([
    ["a container", 105, "ct"],
    ["a machine", 201, "vm"],
  ])("of %s is made on its own node, protected, and prunes nothing", async (_, vmid, kind) => {
    const backup = await backUp(cluster.proxmox, await identify(vmid), "backups");
    expect(backup).toMatchObject({ vmid, kind, protected: true });
    expect(backup.volume).toMatch(/^backups:backup\//);
    expect(Math.abs(backup.createdAt - Date.now())).toBeLessThan(60_000);
    expect(posts()).toHaveLength(1);
    expect(posts()[0]).toMatchObject({
      path: "/nodes/pve2/vzdump",
      input: { vmid: String(vmid), remove: "0", protected: "1", mode: "snapshot" },
    });
  });

  it.each([
    ["deletion 4f1c", "deletion 4f1c"],
    ["50 % of C:\\new\\tmp", "50 % of C:\\new\\tmp"],
    ["two\nlines", "two\nlines"],
    ["{{vmid}} and {{{nothing}}}", "{ {vmid}} and { { {nothing}}}"],
  ])("has the note %j in its notes", async (note, shown) => {
    const upid = await begin(105, note);
    await cluster.simulator.taskEnd(upid);
    const { notes } = await find(105, upid);
    expect(notes).toBe(`dev (105) on pve2, by proxmox-agent: ${shown}`);
  });

  it("is not begun by a node that does not hold the guest, whatever it answers", async () => {
    const action = { kind: "answer", status: 200, body: '{"data":"OK"}' } as const;
    cluster.controls.fault({ method: "POST", action });
    expect(await errorOf(begin(105))).toMatchObject({ kind: "task-failed" });
  });

  it("of another guest than the one that was meant is not begun", async () => {
    const other = { ...(await identify(105)), fingerprint: "ct:0" };
    const { preparation } = cluster.proxmox;
    const error = await errorOf(preparation.beginBackup(other, "backups", "x", signal));
    expect(error.kind).toBe("changed-guest");
    expect(posts()).toEqual([]);
  });

  it("of a locked guest is refused", async () => {
    expect((await errorOf(begin(111))).kind).toBe("locked");
    expect(posts()).toEqual([]);
  });

  it("is not begun twice by a process that forgot that it began", async () => {
    cluster.controls.slowTask({ type: "vzdump", ms: 10_000 });
    const upid = await begin(105);
    expect(await begin(105)).toBe(upid);
    expect(posts()).toHaveLength(1);
    await cluster.simulator.taskEnd(upid);
    expect(await begin(105)).not.toBe(upid);
  });

  it("is not somebody else's that runs at the time", async () => {
    cluster.controls.slowTask({ type: "vzdump", ms: 10_000 });
    const form = { vmid: "105", storage: "backups" };
    const { data } = await cluster.simulator.callAsRoot("POST", "/nodes/pve2/vzdump", form);
    expect(await begin(105)).not.toBe(data);
  });
});

describe("the backup that a task made", () => {
  it("is not there while the storage lists none", async () => {
    cluster.controls.taskEnding({ type: "vzdump", exitStatus: "OK", acts: false });
    const upid = await ended(105);
    const error = await errorOf(find(105, upid));
    expect(error).toMatchObject({ kind: "task-failed", upid });
    expect(error.message).toContain("lists no new backup");
  });

  it("is none of those that were there before", async () => {
    const upid = await ended(105);
    listBackups({ ctime: 1_577_836_800, protected: 1 });
    expect((await errorOf(find(105, upid))).message).toContain("lists no new backup");
  });

  it("is none that others made since, which nobody protected", async () => {
    const upid = await ended(105);
    listBackups({ ctime: Math.floor(Date.now() / 1000) + 5 });
    expect((await errorOf(find(105, upid))).message).toContain("lists no new backup");
  });

  it("counts only if this very guest is in it", async () => {
    const upid = await ended(105);
    const body = JSON.stringify({ data: "arch: amd64\nhostname: dev\nostype: debian\n" });
    const action = { kind: "answer", status: 200, body } as const;
    cluster.controls.fault({ path: "*/extractconfig", action });
    expect((await errorOf(find(105, upid))).kind).toBe("changed-guest");
  });

  it("is found when the guest has gone meanwhile", async () => {
    const identity = await identify(201);
    const upid = await ended(201);
    await cluster.proxmox.destroyer.destroy(identity, { signal });
    const { preparation } = cluster.proxmox;
    const backup = await preparation.findBackup(identity, "backups", upid, signal);
    expect(backup).toMatchObject({ vmid: 201, protected: true });
  });
});

/** The storage lists one backup of the container, with these facts. */
function listBackups(facts: Readonly<Record<string, unknown>>): void {
  const volid = "backups:backup/vzdump-lxc-105-2020_01_01-00_00_00.tar.zst";
  const body = JSON.stringify({ data: [{ volid, vmid: 105, content: "backup", ...facts }] });
  cluster.controls.fault({
    path: "/nodes/pve2/storage/backups/content",
    action: { kind: "answer", status: 200, body },
  });
}
