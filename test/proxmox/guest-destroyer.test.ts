import { describe, expect, it } from "vitest";
import { createProxmox } from "#src/proxmox/proxmox.ts";
import type { SeedInput } from "#src/simulator/seed.ts";
import { clockAt } from "#test/support/clock.ts";
import { useCluster } from "#test/support/cluster.ts";
import { clientOf, errorOf, proxmoxOf, quickTiming, signal } from "#test/support/proxmox.ts";

const seed: SeedInput = {
  nodes: [{ name: "pve1" }, { name: "pve2" }],
  storages: [
    { id: "local-lvm", content: "rootdir,images" },
    { id: "backups", content: "backup" },
  ],
  guests: [
    { vmid: 101, kind: "lxc", name: "web-01", node: "pve1", status: "running" },
    { vmid: 103, kind: "lxc", name: "runner", node: "pve1", status: "stopped", disks: [8, 4] },
    { vmid: 104, kind: "lxc", name: "safe", node: "pve1", status: "stopped", protection: true },
    { vmid: 111, kind: "lxc", name: "wiki", node: "pve1", status: "stopped", lock: "backup" },
    { vmid: 112, kind: "lxc", name: "cloud", node: "pve2", status: "stopped", ha: true },
    { vmid: 201, kind: "qemu", name: "win", node: "pve2", status: "stopped" },
    { vmid: 203, kind: "qemu", name: "db", node: "pve2", status: "running" },
    { vmid: 9000, kind: "qemu", name: "tpl", node: "pve1", status: "stopped", template: true },
  ],
};

const cluster = useCluster(seed);
const { identify } = cluster;
const options = { signal };
const destroy = async (vmid: number) =>
  cluster.proxmox.destroyer.destroy(await identify(vmid), options);
const deletes = () => cluster.calls("DELETE");
const exists = async (vmid: number) =>
  (await cluster.proxmox.guests.list(signal)).guests.some((guest) => guest.vmid === vmid);

describe("destroying a stopped guest", () => {
  it.each([
    ["a container", 103, "vzdestroy"],
    ["a machine", 201, "qmdestroy"],
  ])(
    "removes %s, its disks and its place in other lists, and nothing more",
    async (_, vmid, type) => {
      const { upid, leftoverVolumes } = await destroy(vmid);
      expect(upid).toContain(`:${type}:${vmid}:`);
      expect(leftoverVolumes).toEqual([]);
      expect(await exists(vmid)).toBe(false);
      expect(deletes().map(({ input }) => input)).toEqual([{ purge: "1" }]);
    },
  );

  it("asks for the quorum and the guest right before", async () => {
    const identity = await identify(103);
    cluster.controls.clearJournal();
    await cluster.proxmox.destroyer.destroy(identity, options);
    const paths = cluster.controls.journal().map(({ method, path }) => `${method} ${path}`);
    const before = paths.slice(0, paths.indexOf("DELETE /nodes/pve1/lxc/103"));
    expect(before).toContain("GET /cluster/status");
    expect(before).toContain("GET /nodes/pve1/lxc/103/config");
    expect(before).toContain("GET /nodes/pve1/lxc/103/status/current");
  });

  it("is refused while a task works on the guest, not while somebody looks at it", async () => {
    const identity = await identify(103);
    const task = (type: string) => ({ upid: "UPID:x", type, id: "103", starttime: 1 });
    const answerTasks = (...types: readonly string[]) =>
      cluster.controls.fault({
        method: "GET",
        path: "/nodes/pve1/tasks",
        action: { kind: "answer", status: 200, body: JSON.stringify({ data: types.map(task) }) },
      });

    answerTasks("vzsnapshot");
    const error = await errorOf(cluster.proxmox.destroyer.destroy(identity, options));
    expect(error).toMatchObject({ kind: "locked", message: expect.stringContaining("vzsnapshot") });
    expect(deletes()).toEqual([]);

    answerTasks("vncproxy");
    await cluster.proxmox.destroyer.destroy(identity, options);
    expect(deletes()).toHaveLength(1);
  });

  it("names the volumes that are left", async () => {
    cluster.controls.fault({
      path: "/nodes/pve1/storage/local-lvm/content",
      action: {
        kind: "answer",
        status: 200,
        body: '{"data":[{"volid":"local-lvm:vm-103-disk-1","vmid":103,"content":"rootdir"},{"volid":"local-lvm:backup/x","vmid":103,"content":"backup"}]}',
      },
    });
    expect((await destroy(103)).leftoverVolumes).toEqual(["local-lvm:vm-103-disk-1"]);
  });

  it("says where it could not look for leftovers", async () => {
    const action = { kind: "answer", status: 500, reason: "storage is not online" } as const;
    cluster.controls.fault({ path: "/nodes/pve1/storage/local-lvm/content", action });
    const progress: string[] = [];
    const onProgress = (message: string) => void progress.push(message);
    await cluster.proxmox.destroyer.destroy(await identify(103), { signal, onProgress });
    expect(progress).toContain("could not look for leftover volumes on local-lvm");
  });

  it("is done once where the answer was lost", async () => {
    const identity = await identify(103);
    cluster.controls.fault({ method: "DELETE", action: { kind: "drop", when: "after" } });
    await cluster.proxmox.destroyer.destroy(identity, options);
    expect(deletes()).toHaveLength(1);
    expect(await exists(103)).toBe(false);
  });
});

describe("whoever destroys a guest", () => {
  it("may stop it last, when nothing but the request is left", async () => {
    const identity = await identify(103);
    cluster.controls.clearJournal();
    let before: readonly string[] = [];
    const guard = () => {
      before = cluster.controls.journal().map(({ path }) => path);
      throw new Error("the lease is lost");
    };
    const destroying = cluster.proxmox.destroyer.destroy(identity, { signal, guard });
    await expect(destroying).rejects.toThrow("the lease is lost");
    expect(before).toContain("/nodes/pve1/lxc/103/config");
    expect(deletes()).toEqual([]);
    expect(await exists(103)).toBe(true);
  });

  it("hears of the task before it is followed, and after each look", async () => {
    cluster.controls.slowTask({ type: "vzdestroy", ms: 4_000 });
    const looks = () => cluster.calls("GET").filter(({ path }) => /tasks.*status$/.test(path));
    const heard: { upid: string; looks: number }[] = [];
    const onTask = async (upid: string) => void heard.push({ upid, looks: looks().length });
    const identity = await identify(103);
    const { upid } = await cluster.proxmox.destroyer.destroy(identity, { signal, onTask });
    expect(new Set(heard.map((one) => one.upid))).toEqual(new Set([upid]));
    expect(heard.map((one) => one.looks)).toEqual(heard.map((_, index) => index));
    expect(heard.length).toBeGreaterThan(2);
  });

  it("may stop to follow it, when somebody else has taken over", async () => {
    const identity = await identify(103);
    const onTask = async () => {
      throw new Error("the lease is lost");
    };
    const destroying = cluster.proxmox.destroyer.destroy(identity, { signal, onTask });
    await expect(destroying).rejects.toThrow("the lease is lost");
    expect(deletes()).toHaveLength(1);
  });

  it("succeeds although another guest has its VMID by then", async () => {
    cluster.controls.reuse({ vmid: 103, when: "freed", disks: [8, 4] });
    expect((await destroy(103)).leftoverVolumes).toEqual([]);
    expect(await cluster.proxmox.guests.find("103", signal)).toMatchObject({ name: "successor" });
  });
});

describe("a guest is not destroyed", () => {
  it("when we were suspended after the last look at it", async () => {
    const clock = clockAt("2026-11-21T12:00:00Z");
    const { client } = cluster;
    const { destroyer } = createProxmox({ client, clock, timing: quickTiming });
    const guard = () => clock.advance({ minutes: 1 });
    const error = await errorOf(destroyer.destroy(await identify(103), { signal, guard }));
    expect(error.message).toContain("Too much time passed");
    expect(deletes()).toEqual([]);
  });

  it.each([
    ["while it runs", 101, "wrong-state"],
    ["while it runs, as a machine", 203, "wrong-state"],
    ["while it is protected", 104, "protected"],
    ["while it is locked", 111, "locked"],
    ["while high availability manages it", 112, "ha-managed"],
    ["when it is a template", 9000, "template"],
  ])("%s", async (_, vmid, kind) => {
    expect((await errorOf(destroy(vmid))).kind).toBe(kind);
    expect(deletes()).toEqual([]);
    expect(await exists(vmid)).toBe(true);
  });

  it("without a quorum, which would cost its disks", async () => {
    const identity = await identify(103);
    cluster.controls.quorum({ quorate: false });
    const error = await errorOf(cluster.proxmox.destroyer.destroy(identity, options));
    expect(error.kind).toBe("no-quorum");
    expect(deletes()).toEqual([]);
  });

  it("where the quorum may not be read", async () => {
    const identity = await identify(103);
    const grants = [{ path: "/vms", privileges: ["VM.Audit", "VM.Allocate"] }];
    cluster.controls.token({ id: "blind@pve!t", secret: "s", grants });
    const blind = clientOf(cluster.simulator, { tokenId: "blind@pve!t", tokenSecret: "s" });
    const { destroyer } = proxmoxOf(cluster.simulator, blind);
    const error = await errorOf(destroyer.destroy(identity, options));
    expect(error.kind).toBe("forbidden");
    expect(error.message).toContain("Sys.Audit on /");
    expect(deletes()).toEqual([]);
    await blind.close();
  });

  it("while it is replicated", async () => {
    const job = { id: "103-0", target: "pve2", type: "local" };
    await cluster.simulator.callAsRoot("POST", "/cluster/replication", job);
    expect((await errorOf(destroy(103))).kind).toBe("replicated");
    expect(deletes()).toEqual([]);
  });

  it("when its VMID belongs to another guest by now", async () => {
    const identity = await identify(103);
    const gone = await cluster.simulator.callAsRoot("DELETE", "/nodes/pve1/lxc/103");
    await cluster.simulator.taskEnd(gone.data);
    const form = {
      vmid: "103",
      ostemplate: "local:vztmpl/debian.tar.zst",
      hostname: "runner",
      storage: "local-lvm",
      net0: "name=eth0,bridge=vmbr0",
    };
    const created = await cluster.simulator.callAsRoot("POST", "/nodes/pve1/lxc", form);
    await cluster.simulator.taskEnd(created.data);
    cluster.controls.clearJournal();

    const error = await errorOf(cluster.proxmox.destroyer.destroy(identity, options));
    expect(error.kind).toBe("changed-guest");
    expect(deletes()).toEqual([]);
  });

  it("when it is gone already, which is no success", async () => {
    const identity = await identify(103);
    const gone = await cluster.simulator.callAsRoot("DELETE", "/nodes/pve1/lxc/103");
    await cluster.simulator.taskEnd(gone.data);
    const error = await errorOf(cluster.proxmox.destroyer.destroy(identity, options));
    expect(error.kind).toBe("no-such-guest");
  });
});

describe("a destruction that goes wrong", () => {
  it("never says that nothing happened", async () => {
    const exitStatus =
      "unable to open file '/etc/pve/nodes/pve1/lxc/103.conf.tmp.656' - Permission denied";
    cluster.controls.taskEnding({ type: "vzdestroy", exitStatus });
    const error = await errorOf(destroy(103));
    expect(error).toMatchObject({ kind: "destroy-failed", upid: expect.stringMatching(/^UPID:/) });
    expect(error.message).toContain("some of its disks may be gone");
  });

  it("is no success while the guest is still there", async () => {
    cluster.controls.taskEnding({ type: "vzdestroy", exitStatus: "OK", acts: false });
    expect(await errorOf(destroy(103))).toMatchObject({
      kind: "destroy-failed",
      upid: expect.stringMatching(/^UPID:/),
    });
  });

  it("is unknown where nobody can say whether the guest is gone", async () => {
    const action = { kind: "answer", status: 500, reason: "oops" } as const;
    cluster.controls.fault({ path: "/cluster/nextid", action });
    expect(await errorOf(destroy(103))).toMatchObject({
      kind: "outcome-unknown",
      upid: expect.stringMatching(/^UPID:/),
    });
  });

  it("is one when the task was cut off, and the guest is gone all the same", async () => {
    const exitStatus = "unexpected status";
    cluster.controls.taskEnding({ type: "vzdestroy", exitStatus, acts: true });
    expect((await destroy(103)).leftoverVolumes).toEqual([]);
  });
});
