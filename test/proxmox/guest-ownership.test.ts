import { describe, expect, it } from "vitest";
import type { SeedInput } from "#src/simulator/seed.ts";
import { useCluster } from "#test/support/cluster.ts";
import { errorOf, signal } from "#test/support/proxmox.ts";

const common = { kind: "lxc", node: "pve1", status: "stopped" } as const;
const seed: SeedInput = {
  nodes: [{ name: "pve1" }, { name: "pve2" }],
  storages: [{ id: "local-lvm", content: "rootdir,images" }],
  guests: [
    { ...common, vmid: 101, name: "web", tags: ["web", "owner-eve"], owner: "alice" },
    { ...common, vmid: 102, name: "noted", notes: "Test machine\nowner: bob\n" },
    { ...common, vmid: 103, name: "nobodys" },
    { ...common, vmid: 104, name: "both", owner: "alice", notes: "owner: bob" },
    { ...common, vmid: 105, name: "locked", lock: "backup" },
    { ...common, vmid: 201, name: "win", node: "pve2", kind: "qemu", notes: "owner: carol" },
  ],
};

const cluster = useCluster(seed);
const { identify } = cluster;
const find = (vmid: number) => cluster.proxmox.guests.find(String(vmid), signal);
const give = async (vmid: number, name: string) =>
  cluster.proxmox.ownership.setOwner(await identify(vmid), name, signal);
const puts = () => cluster.calls("PUT");

describe("the owner of a guest", () => {
  it("is who its tag says, or else a line of its notes", async () => {
    expect((await find(102)).owner).toBe("bob");
    expect((await find(104)).owner).toBe("alice");
    expect((await find(103)).owner).toBeUndefined();
  });

  it("is listed from the tags, and from the notes where that is asked for", async () => {
    const { guests } = cluster.proxmox;
    const ownersOf = (listed: readonly { vmid: number; owner?: string | undefined }[]) =>
      Object.fromEntries(listed.map(({ vmid, owner }) => [vmid, owner]));

    const tagged = await guests.list(signal);
    const all = await guests.listWithOwners(signal);

    expect(ownersOf(tagged.guests)).toMatchObject({ 101: "eve", 104: "alice" });
    expect(ownersOf(tagged.guests)[102]).toBeUndefined();
    expect(ownersOf(all.guests)).toMatchObject({ 101: "eve", 102: "bob", 201: "carol" });
    expect(ownersOf(all.guests)[103]).toBeUndefined();
    expect(all.ownersUnread).toEqual([]);
  });

  it("is not known where the guest's node does not answer", async () => {
    const action = { kind: "answer", status: 500, reason: "no" } as const;
    cluster.controls.fault({
      method: "GET",
      path: "/nodes/pve2/qemu/201/config",
      times: 9,
      action,
    });

    const { guests, ownersUnread } = await cluster.proxmox.guests.listWithOwners(signal);

    expect(ownersUnread).toEqual([201]);
    expect(guests.find(({ vmid }) => vmid === 102)?.owner).toBe("bob");
  });
});

describe("a guest that is given away", () => {
  it("carries the tag of its new owner alone, beside its other tags", async () => {
    await cluster.proxmox.guests.list(signal);
    await give(101, "Bob");

    expect(await find(101)).toMatchObject({ owner: "bob", tags: ["web"] });
    const { guests } = await cluster.proxmox.guests.list(signal);
    expect(guests.find(({ vmid }) => vmid === 101)?.owner).toBe("bob");
  });

  it("belongs to whom the tag says, whatever the notes say still", async () => {
    await give(102, "alice");

    expect((await find(102)).owner).toBe("alice");
  });

  it("is left alone where it is that person's already", async () => {
    await give(104, "alice");

    expect(puts()).toEqual([]);
  });

  it("is the one that was identified, and not locked", async () => {
    const other = { ...(await identify(101)), fingerprint: "ct:0" };

    const changed = await errorOf(cluster.proxmox.ownership.setOwner(other, "bob", signal));
    expect(changed.kind).toBe("changed-guest");
    expect((await errorOf(give(105, "bob"))).kind).toBe("locked");
    expect((await find(101)).owner).toBe("eve");
  });

  it.each(["bob@corp", "a b", "", "a;owner-eve"])("never goes to %j", async (name) => {
    expect(cluster.proxmox.ownership.canOwn(name)).toBe(false);
    await expect(give(101, name)).rejects.toThrow(TypeError);
    expect(puts()).toEqual([]);
  });
});
