import { describe, expect, it, onTestFinished } from "vitest";
import type { SeedInput } from "#src/simulator/seed.ts";
import { useCluster } from "#test/support/cluster.ts";
import { clientOf, errorOf, proxmoxOf, signal } from "#test/support/proxmox.ts";

const seed: SeedInput = {
  nodes: [{ name: "pve1" }],
  storages: [{ id: "local-lvm", content: "rootdir,images" }],
  guests: [
    {
      vmid: 101,
      kind: "lxc",
      name: "web",
      node: "pve1",
      status: "running",
      tags: ["web", "alpha"],
      owner: "bob",
    },
    { vmid: 103, kind: "lxc", name: "bare", node: "pve1", status: "stopped" },
    { vmid: 111, kind: "lxc", name: "wiki", node: "pve1", status: "stopped", lock: "backup" },
    { vmid: 201, kind: "qemu", name: "win", node: "pve1", status: "stopped", tags: ["desk"] },
  ],
};

const cluster = useCluster(seed);
const { identify } = cluster;
const tag = "delete-4f1c";
const set = async (vmid: number, name = tag) =>
  cluster.proxmox.marks.set(await identify(vmid), name, signal);
const clear = async (vmid: number) =>
  cluster.proxmox.marks.clear(await identify(vmid), tag, signal);
const puts = () => cluster.calls("PUT");

async function tagsOf(guest: string): Promise<unknown> {
  const { data } = await cluster.simulator.call("GET", `/nodes/pve1/${guest}/config`);
  return (data as { tags?: string }).tags;
}

describe("a mark", () => {
  it.each([
    ["a container", 101, "lxc/101", "web;alpha;owner-bob"],
    ["a machine", 201, "qemu/201", "desk"],
  ])("of %s stands behind its other tags, and goes without them", async (_, vmid, path, tags) => {
    await set(vmid);
    expect(await tagsOf(path)).toBe(`${tags};${tag}`);
    await clear(vmid);
    expect(await tagsOf(path)).toBe(tags);
  });

  it("may be the only tag, and leaves none", async () => {
    await set(103);
    expect(await tagsOf("lxc/103")).toBe(tag);
    await clear(103);
    expect(await tagsOf("lxc/103")).toBeUndefined();
  });

  it("is set and taken off once", async () => {
    await set(101);
    await set(101);
    await clear(101);
    await clear(101);
    expect(puts()).toHaveLength(2);
  });

  it("does not undo what somebody else changes at the same time", async () => {
    const identity = await identify(101);
    cluster.controls.fault({
      method: "PUT",
      path: "/nodes/pve1/lxc/101/config",
      action: { kind: "delay", ms: 60 },
    });
    const setting = cluster.proxmox.marks.set(identity, tag, signal);
    await expect.poll(puts, { interval: 2 }).toHaveLength(1);
    const form = { tags: "web;alpha;owner-bob;new" };
    await cluster.simulator.callAsRoot("PUT", "/nodes/pve1/lxc/101/config", form);
    await setting;
    expect(await tagsOf("lxc/101")).toBe(`web;alpha;owner-bob;new;${tag}`);
  });

  it("is given up when the configuration changes all the time", async () => {
    const reason = "detected modified configuration - file changed by other user? Try again.";
    const action = { kind: "answer", status: 500, reason } as const;
    cluster.controls.fault({ method: "PUT", times: 5, action });
    expect((await errorOf(set(101))).kind).toBe("modified");
    expect(puts()).toHaveLength(2);
  });

  it("is there once where the answer was lost", async () => {
    cluster.controls.fault({ method: "PUT", action: { kind: "drop", when: "after" } });
    await set(101);
    expect(await tagsOf("lxc/101")).toBe(`web;alpha;owner-bob;${tag}`);
    expect(puts()).toHaveLength(1);
  });

  it("is not put on another guest than the one identified", async () => {
    const other = { ...(await identify(101)), fingerprint: "ct:0" };
    expect((await errorOf(cluster.proxmox.marks.set(other, tag, signal))).kind).toBe(
      "changed-guest",
    );
    expect(puts()).toEqual([]);
  });

  it("waits for no lock", async () => {
    expect((await errorOf(set(111))).kind).toBe("locked");
  });

  it.each(["Delete-1", "a;b", "", "a b", "-x"])("is never %j", async (name) => {
    await expect(set(101, name)).rejects.toThrow(TypeError);
    expect(puts()).toEqual([]);
  });
});

it("is not for a token that may not change options", async () => {
  const token = { tokenId: "reader@pve!main", tokenSecret: "00000000-0000-4000-8000-000000000001" };
  const grants = [{ path: "/vms", privileges: ["VM.Audit"] }];
  cluster.controls.token({ id: token.tokenId, secret: token.tokenSecret, grants });
  const client = clientOf(cluster.simulator, token);
  onTestFinished(() => client.close());
  const { marks } = proxmoxOf(cluster.simulator, client);

  const error = await errorOf(marks.set(await identify(101), tag, signal));

  expect(error.kind).toBe("forbidden");
  expect(error.message).toContain("VM.Config.Options");
});
