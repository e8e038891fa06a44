import { describe, expect, it } from "vitest";
import type { GuestDetail } from "#src/proxmox/guest.ts";
import type { SeedInput } from "#src/simulator/seed.ts";
import { useCluster } from "#test/support/cluster.ts";
import {
  backUp as backUpGuest,
  clientOf,
  errorOf,
  proxmoxOf,
  signal,
} from "#test/support/proxmox.ts";

const seed: SeedInput = {
  nodes: [{ name: "pve1" }, { name: "pve2" }],
  storages: [
    { id: "local-lvm", content: "rootdir,images" },
    { id: "fast-zfs", content: "rootdir,images" },
    { id: "backups-nfs", content: "backup" },
    { id: "far", content: "backup", nodes: ["pve2"] },
    { id: "own", content: "backup" },
  ],
  guests: [
    { vmid: 103, kind: "lxc", name: "runner", node: "pve1", status: "stopped" },
    {
      vmid: 105,
      kind: "lxc",
      name: "dev",
      node: "pve2",
      status: "running",
      tags: ["web", "dev"],
      owner: "bob",
      notes: "Bob's box",
      disks: [8, 4],
    },
    { vmid: 201, kind: "qemu", name: "win", node: "pve2", status: "stopped", tags: ["desk"] },
  ],
};

const cluster = useCluster(seed);
const { identify } = cluster;
const options = { signal };
const backUp = async (vmid: number, storage = "backups-nfs") =>
  backUpGuest(cluster.proxmox, await identify(vmid), storage);
const posts = () => cluster.calls("POST");

describe("the list of backups", () => {
  it("holds those of one guest, or all", async () => {
    await backUp(105);
    await backUp(103);
    const all = await cluster.proxmox.backups.list("backups-nfs", undefined, signal);
    expect(all.map(({ vmid }) => vmid).sort()).toEqual([103, 105]);
    const one = await cluster.proxmox.backups.list("backups-nfs", 105, signal);
    expect(one.map(({ vmid, notes }) => [vmid, notes])).toEqual([
      [105, "dev (105) on pve2, by proxmox-agent: before a test"],
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
    ["a container", 105, ["web", "dev"]],
    ["a machine", 201, ["desk"]],
  ])(
    "brings %s back under a free VMID, stopped, with its tags and disks",
    async (_, vmid, tags) => {
      const before = await cluster.proxmox.guests.find(String(vmid), signal);
      const backup = await backUp(vmid);
      const place = { node: "pve1", vmid: 300 };
      const { upid } = await cluster.proxmox.backups.restore(backup, place, options);

      expect(upid).toMatch(/restore:300:/);
      const restored = await cluster.proxmox.guests.find("300", signal);
      const { owner, notes } = before;
      const facts = { node: "pve1", status: "stopped", kind: backup.kind, tags, owner, notes };
      expect(restored).toMatchObject(facts);
      expect(placesOf(restored)).toEqual(placesOf(before));
      const input = posts().at(-1)?.input;
      expect(input).not.toHaveProperty("force");
      expect(input).not.toHaveProperty("start");
      expect(input).not.toHaveProperty("unique");
    },
  );

  it("leaves it to a machine's backup where its disks were", async () => {
    const backup = await backUp(201);
    await cluster.proxmox.backups.restore(backup, { node: "pve1", vmid: 300 }, options);
    expect(posts().at(-1)?.input).toEqual({ vmid: "300", archive: backup.volume });
  });

  it("puts each disk of a container back on its own storage", async () => {
    const created = await cluster.simulator.callAsRoot("POST", "/nodes/pve2/lxc", {
      vmid: "106",
      ostemplate: "local:vztmpl/debian.tar.zst",
      rootfs: "local-lvm:8",
      mp0: "fast-zfs:4,mp=/mnt/data1",
    });
    await cluster.simulator.taskEnd(created.data);
    const backup = await backUp(106);
    const place = { node: "pve1", vmid: 300 };

    const refused = await errorOf(cluster.proxmox.backups.restore(backup, place, options));
    expect(refused.message).toContain("VM.Config.Disk on /vms/300");

    grant(["VM.Config.Disk"]);
    await cluster.proxmox.backups.restore(backup, place, options);
    const restored = await cluster.proxmox.guests.find("300", signal);
    expect(placesOf(restored)).toEqual({ rootfs: "8G on local-lvm", mp0: "4G on fast-zfs" });
    expect(posts().at(-1)?.input).toMatchObject({
      rootfs: "local-lvm:8",
      mp0: "fast-zfs:4,mp=/mnt/data1",
    });
  });

  it("puts the guest into its pool", async () => {
    await cluster.simulator.callAsRoot("POST", "/pools", { poolid: "lab" });
    const backup = await backUp(105);
    const place = { node: "pve1", vmid: 300, pool: "lab" };
    await cluster.proxmox.backups.restore(backup, place, options);
    expect((await cluster.proxmox.guests.find("300", signal)).pool).toBe("lab");
  });

  it("says when the pool is no more", async () => {
    const backup = await backUp(105);
    const place = { node: "pve1", vmid: 300, pool: "gone" };
    const error = await errorOf(cluster.proxmox.backups.restore(backup, place, options));
    expect(error).toMatchObject({ kind: "bad-parameter" });
    expect(error.message).toContain("no pool gone");
  });

  it("never overwrites a guest", async () => {
    const backup = await backUp(105);
    cluster.controls.clearJournal();
    const place = { node: "pve1", vmid: 103 };
    const error = await errorOf(cluster.proxmox.backups.restore(backup, place, options));
    expect(error.kind).toBe("bad-parameter");
    expect(error.message).toContain("VMID 103 is in use");
    expect(posts()).toEqual([]);
  });

  it("that the token may not do names the missing privilege", async () => {
    const backup = await backUp(105);
    const exitStatus =
      "unable to restore CT 300 - 403 Permission check failed (/sdn/zones/localnetwork/vmbr0, SDN.Use)";
    cluster.controls.taskEnding({ type: "vzrestore", exitStatus });
    const place = { node: "pve1", vmid: 300 };
    const error = await errorOf(cluster.proxmox.backups.restore(backup, place, options));
    expect(error.kind).toBe("forbidden");
    expect(error.message).toContain("SDN.Use on /sdn/zones/localnetwork/vmbr0");
  });
});

describe("removing a backup", () => {
  const remove = (volume: string) => cluster.proxmox.backups.remove({ volume }, signal);
  const volumes = async (storage: string) =>
    (await cluster.proxmox.backups.list(storage, undefined, signal)).map(({ volume }) => volume);

  it("takes its protection off first, and leaves all others", async () => {
    const { volume } = await backUp(105);
    const other = await backUp(103);
    await remove(volume);
    expect(await volumes("backups-nfs")).toEqual([other.volume]);
    expect(cluster.calls("PUT").map(({ input }) => input)).toEqual([{ protected: "0" }]);
  });

  it("finds it on the node that has it", async () => {
    const { volume } = await backUp(105, "own");
    await remove(volume);
    expect(await volumes("own")).toEqual([]);
  });

  it("is no failure when it is gone already", async () => {
    const { volume } = await backUp(105);
    await remove(volume);
    cluster.controls.clearJournal();
    await remove(volume);
    expect(cluster.calls("PUT", "DELETE")).toEqual([]);
  });

  it("does not take one for gone that the token may not see", async () => {
    const { volume } = await backUp(105);
    const grants = [{ path: "/", privileges: ["Datastore.Audit", "Sys.Audit"] }];
    cluster.controls.token({ id: "blind@pve!t", secret: "s", grants });
    const blind = clientOf(cluster.simulator, { tokenId: "blind@pve!t", tokenSecret: "s" });
    const { backups } = proxmoxOf(cluster.simulator, blind);
    expect((await errorOf(backups.remove({ volume }, signal))).kind).toBe("forbidden");
    await blind.close();
  });

  it("does not take one for gone whose node is away", async () => {
    const { volume } = await backUp(105, "own");
    cluster.controls.node({ node: "pve2", online: false });
    const error = await errorOf(remove(volume));
    expect(error.kind).toBe("node-unreachable");
    expect(error.message).toContain("pve2");
  });

  it("says when Proxmox would not", async () => {
    const { volume } = await backUp(105);
    cluster.controls.taskEnding({ type: "imgdel", exitStatus: "storage is not online" });
    expect((await errorOf(remove(volume))).kind).toBe("task-failed");
  });
});

/** Which disks there are, and on which storages. */
function placesOf({ disks }: Pick<GuestDetail, "disks">) {
  return Object.fromEntries(
    disks.map(({ key, volume, size }) => [key, `${size} on ${volume.split(":", 1)[0]}`]),
  );
}

/** More for the sandbox's token than the assistant needs. */
function grant(privileges: readonly string[]): void {
  const { tokenId: id, tokenSecret: secret } = cluster.simulator;
  cluster.controls.token({ id, secret, grants: [{ path: "/vms", privileges: [...privileges] }] });
}
