import { describe, expect, it } from "vitest";
import type { GuestIdentity } from "#src/proxmox/guest.ts";
import type { SeedInput } from "#src/simulator/seed.ts";
import { useCluster } from "#test/support/cluster.ts";
import { clientOf, errorOf, proxmoxOf, signal } from "#test/support/proxmox.ts";

const seed: SeedInput = {
  nodes: [{ name: "pve1" }, { name: "pve2" }],
  storages: [{ id: "local-lvm", content: "rootdir,images" }],
  guests: [
    { vmid: 101, kind: "lxc", name: "web-01", node: "pve1", status: "stopped" },
    { vmid: 103, kind: "lxc", name: "runner", node: "pve1", status: "stopped" },
    { vmid: 201, kind: "qemu", name: "win", node: "pve2", status: "stopped" },
  ],
};

const cluster = useCluster(seed);
const { identify } = cluster;
const options = { signal };
const deletes = () => cluster.calls("DELETE");

/** Somebody whose process ended right after the request left. */
async function begin(vmid: number): Promise<string> {
  const place = vmid === 201 ? "pve2/qemu" : "pve1/lxc";
  const { data } = await cluster.simulator.call("DELETE", `/nodes/${place}/${vmid}`);
  return String(data);
}

const resume = (identity: GuestIdentity, upid?: string, since = Date.now()) =>
  cluster.proxmox.destroyer.resume(identity, { upid, since }, options);

describe.each([
  ["whose task is known", true],
  ["whose task has to be found", false],
])("a destruction %s", (_, isKnown) => {
  const begun = async (vmid: number) => {
    const upid = await begin(vmid);
    return { upid, known: isKnown ? upid : undefined };
  };

  it("is followed while it runs", async () => {
    cluster.controls.slowTask({ type: "qmdestroy", ms: 3_000 });
    const identity = await identify(201);
    const { upid, known } = await begun(201);
    const heard = new Set<string>();
    const onTask = async (one: string) => void heard.add(one);
    const { destroyer } = cluster.proxmox;
    const task = { upid: known, since: Date.now() };
    const outcome = await destroyer.resume(identity, task, { signal, onTask });
    expect(outcome).toEqual({ upid, leftoverVolumes: [] });
    expect(heard).toEqual(new Set([upid]));
    expect(deletes()).toHaveLength(1);
  });

  it("is done when it has ended well", async () => {
    const identity = await identify(103);
    const { upid, known } = await begun(103);
    await cluster.simulator.taskEnd(upid);
    expect(await resume(identity, known)).toEqual({ upid, leftoverVolumes: [] });
  });

  it("tells which of its disks are left, on whichever node", async () => {
    const identity = await identify(201);
    const { upid, known } = await begun(201);
    await cluster.simulator.taskEnd(upid);
    const volume = { volid: "local-lvm:vm-201-disk-0", vmid: 201, content: "images" };
    const body = JSON.stringify({ data: [volume] });
    const action = { kind: "answer", status: 200, body } as const;
    cluster.controls.fault({ path: "/nodes/pve2/storage/local-lvm/content", action });
    expect(await resume(identity, known)).toMatchObject({ leftoverVolumes: [volume.volid] });
  });

  it("has failed when the task has, and the guest is there", async () => {
    cluster.controls.taskEnding({ type: "vzdestroy", exitStatus: "lvremove failed" });
    const identity = await identify(103);
    const { upid, known } = await begun(103);
    const error = await errorOf(resume(identity, known));
    expect(error).toMatchObject({ kind: "destroy-failed", upid });
    expect(error.message).toContain("some of its disks may be gone");
  });

  it("has failed when the task ended well and the guest is there", async () => {
    cluster.controls.taskEnding({ type: "vzdestroy", exitStatus: "OK" });
    const identity = await identify(103);
    const { known } = await begun(103);
    expect((await errorOf(resume(identity, known))).kind).toBe("destroy-failed");
  });

  it("is done when another guest has the VMID, of which nothing is left over", async () => {
    const identity = await identify(103);
    cluster.controls.reuse({ vmid: 103, when: "freed" });
    const { upid, known } = await begun(103);
    expect(await resume(identity, known)).toEqual({ upid, leftoverVolumes: [] });
  });

  it("is not known while Proxmox cannot be asked, and keeps its task", async () => {
    const identity = await identify(103);
    const { upid, known } = await begun(103);
    const action = { kind: "answer", status: 500, reason: "oops" } as const;
    cluster.controls.fault({ path: "/cluster/nextid", action });
    const error = await errorOf(resume(identity, known));
    expect(error).toMatchObject({ kind: "outcome-unknown", upid });
  });
});

describe("a destruction of which no task can be found", () => {
  it("has not begun while the guest is there", async () => {
    expect(await resume(await identify(103))).toBe("not-begun");
    expect(deletes()).toEqual([]);
  });

  it("is no earlier one, nor one of another guest", async () => {
    const identity = await identify(103);
    await begin(101);
    cluster.controls.taskEnding({ type: "vzdestroy", vmid: 103, exitStatus: "failed" });
    await begin(103);
    const since = Date.now() + 60_000;
    expect(await resume(identity, undefined, since)).toBe("not-begun");
  });

  it("is looked for by the cluster's clock", async () => {
    cluster.controls.clock({ aheadMs: -300_000 });
    const identity = await identify(103);
    cluster.controls.taskEnding({ type: "vzdestroy", exitStatus: "failed" });
    await begin(103);
    expect((await errorOf(resume(identity))).kind).toBe("destroy-failed");
  });

  it("has failed where Proxmox left a guest without disks", async () => {
    const identity = await identify(103);
    cluster.controls.guest({ vmid: 103, lock: "destroyed" });
    const error = await errorOf(resume(identity));
    expect(error.kind).toBe("destroy-failed");
    expect(error.message).toContain("its disks are gone");
  });

  it("is done when the guest is gone, and tells of disks on any node", async () => {
    const identity = await identify(103);
    await cluster.simulator.taskEnd(await begin(103));
    const since = Date.now() + 60_000;
    const volume = { volid: "local-lvm:vm-103-disk-0", vmid: 103, content: "rootdir" };
    const body = JSON.stringify({ data: [volume] });
    const action = { kind: "answer", status: 200, body } as const;
    cluster.controls.fault({ path: "/nodes/pve2/storage/local-lvm/content", action });
    const outcome = await resume(identity, undefined, since);
    expect(outcome).toEqual({ upid: undefined, leftoverVolumes: [volume.volid] });
  });

  it("is done when another guest has the VMID", async () => {
    const identity = await identify(103);
    cluster.controls.reuse({ vmid: 103, when: "now" });
    expect(await resume(identity, undefined, Date.now() + 60_000)).toMatchObject({
      leftoverVolumes: [],
    });
  });

  it("is not known where the token may not see who has the VMID", async () => {
    const identity = await identify(103);
    const grants = [{ path: "/", privileges: ["Sys.Audit"] }];
    cluster.controls.token({ id: "blind@pve!t", secret: "s", grants });
    const blind = clientOf(cluster.simulator, { tokenId: "blind@pve!t", tokenSecret: "s" });
    const { destroyer } = proxmoxOf(cluster.simulator, blind);
    const error = await errorOf(destroyer.resume(identity, { since: Date.now() }, options));
    expect(error.kind).toBe("forbidden");
    expect(error.message).toContain("VM.Audit on /vms/103");
    await blind.close();
  });
});
