import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { SeedInput } from "#src/simulator/seed.ts";
import { type RunningSimulator, startSimulator } from "#test/support/simulator.ts";

const seed: SeedInput = {
  nodes: [{ name: "pve1" }, { name: "pve2" }],
  storages: [{ id: "local", content: "rootdir,images" }],
  guests: [
    { vmid: 101, kind: "lxc", name: "ct", node: "pve1", status: "stopped", disks: [8, 100] },
    { vmid: 102, kind: "lxc", name: "running", node: "pve1", status: "running" },
    { vmid: 103, kind: "lxc", name: "kept", node: "pve1", status: "stopped", protection: true },
    { vmid: 104, kind: "lxc", name: "managed", node: "pve1", status: "stopped", ha: true },
    { vmid: 201, kind: "qemu", name: "vm", node: "pve1", status: "stopped" },
    { vmid: 202, kind: "qemu", name: "locked", node: "pve1", status: "stopped", lock: "backup" },
  ],
};

let simulator: RunningSimulator;
beforeAll(async () => {
  simulator = await startSimulator(seed);
});
afterAll(() => simulator.stop());
beforeEach(() => simulator.controls.reset());

const remove = (guest: string, form?: Record<string, string>) =>
  simulator.call("DELETE", `/nodes/pve1/${guest}`, form);

async function removed(guest: string, form?: Record<string, string>): Promise<string> {
  const { data } = await remove(guest, form);
  return simulator.taskEnd(data);
}

async function disksOf(vmid: number): Promise<unknown> {
  const path = "/nodes/pve1/storage/local/content";
  const { data } = await simulator.call("GET", path, { vmid: String(vmid) });
  return (data as { volid: string }[]).map(({ volid }) => volid);
}

async function configOf(guest: string): Promise<Record<string, string>> {
  const { data } = await simulator.call("GET", `/nodes/pve1/${guest}/config`);
  return data as Record<string, string>;
}

describe("a delete", () => {
  it("leaves a guest without disks when its node goes down in between", async () => {
    await using slow = await startSimulator(seed, { pace: 0.1 });
    const config = async () => (await slow.callAsRoot("GET", "/nodes/pve1/lxc/101/config")).data;
    const { data } = await slow.call("DELETE", "/nodes/pve1/lxc/101");
    await expect.poll(config, { interval: 2 }).toMatchObject({ lock: "destroyed" });
    slow.controls.node({ node: "pve1", online: false });
    slow.controls.node({ node: "pve1", online: true });

    expect(await slow.taskEnd(data)).toBe("unexpected status");
    expect(await config()).toEqual({ lock: "destroyed", digest: expect.any(String) });
  });

  it("removes the guest and its disks", async () => {
    expect(await disksOf(101)).toHaveLength(2);

    expect(await removed("lxc/101")).toBe("OK");

    expect(await disksOf(101)).toEqual([]);
    expect(await simulator.call("GET", "/nodes/pve1/lxc/101/status/current")).toMatchObject({
      status: 500,
      message: "Configuration file 'nodes/pve1/lxc/101.conf' does not exist\n",
    });
  });

  it.each([
    ["lxc/102", "unable to destroy CT 102 - container is running"],
    ["lxc/103", "can't remove CT 103 - protection mode enabled"],
    ["lxc/104", "unable to remove CT 104 - used in HA resources and purge parameter not set."],
    ["qemu/202", "VM is locked (backup)"],
    ["lxc/999", "Configuration file 'nodes/pve1/lxc/999.conf' does not exist"],
  ])("of %s is refused at once", async (guest, message) => {
    expect(await remove(guest)).toMatchObject({ status: 500, message: `${message}\n` });
  });

  it("with force takes a running container, but no protected one", async () => {
    expect(await remove("lxc/103", { force: "1" })).toMatchObject({ status: 500 });
    expect(await removed("lxc/102", { force: "1" })).toBe("OK");
  });

  it("knows no force for machines", async () => {
    expect(await remove("qemu/201", { force: "1" })).toMatchObject({
      status: 400,
      errors: { force: expect.stringMatching(/^property is not defined in schema/) },
    });
  });

  it("forgets what was granted on the guest", async () => {
    const token = { id: "few@pve!t", secret: "s" };
    const grants = [{ path: "/vms/101", privileges: ["VM.Audit", "VM.Allocate"] }];
    simulator.controls.token({ ...token, grants });
    const call = simulator.callAs({ tokenId: token.id, tokenSecret: token.secret });
    const { data } = await call("DELETE", "/nodes/pve1/lxc/101");
    await simulator.taskEnd(data);

    expect((await call("GET", "/access/permissions")).data).toEqual({});
  });
});

describe("without quorum", () => {
  it("a delete frees the disks, then fails, and the guest is still there", async () => {
    simulator.controls.quorum({ quorate: false });

    expect(await removed("lxc/101")).toMatch(
      /^unable to open file '\/etc\/pve\/nodes\/pve1\/lxc\/101\.conf\.tmp\.\d+' - Permission denied$/,
    );

    expect(await disksOf(101)).toEqual([]);
    expect(await configOf("lxc/101")).toMatchObject({ hostname: "ct" });
  });
});

describe("purge", () => {
  const jobs = async () => {
    const [backup, replication, ha] = await Promise.all(
      ["/cluster/backup", "/cluster/replication", "/cluster/ha/resources"].map((path) =>
        simulator.call("GET", path),
      ),
    );
    return { backup: backup?.data, replication: replication?.data, ha: ha?.data };
  };

  beforeEach(async () => {
    const backupJob = { id: "nightly", vmid: "101,104", storage: "local", schedule: "02:00" };
    await simulator.callAsRoot("POST", "/cluster/backup", backupJob);
    await simulator.callAsRoot("POST", "/cluster/replication", { id: "104-0", target: "pve2" });
  });

  it("takes the guest out of HA, replication and backup jobs", async () => {
    expect(await removed("lxc/104", { purge: "1" })).toBe("OK");

    expect(await jobs()).toMatchObject({ backup: [{ vmid: "101" }], replication: [], ha: [] });
  });

  it("left out keeps the VMID in backup jobs, for whoever gets it next", async () => {
    expect(await removed("lxc/101")).toBe("OK");

    expect(await jobs()).toMatchObject({ backup: [{ vmid: "101,104" }] });
  });

  it("left out is refused for a replicated guest", async () => {
    await simulator.callAsRoot("DELETE", "/cluster/ha/resources/ct:104");

    expect(await remove("lxc/104")).toMatchObject({
      status: 500,
      message: expect.stringMatching(/^There is a replication job '104-0' for guest '104'/),
    });
  });
});

describe("a guest with the VMID of another one", () => {
  it.each([
    ["lxc/101", { ostemplate: "local:vztmpl/debian.tar.zst", hostname: "ct" }],
    ["qemu/201", { name: "vm", scsi0: "local:8" }],
  ])("is not the same: %s", async (guest, form) => {
    const [kind, vmid = ""] = guest.split("/");
    const before = await configOf(guest);
    await removed(guest);
    const settings = { ...form, vmid, net0: kind === "lxc" ? lxcNet : "virtio,bridge=vmbr0" };
    const { data } = await simulator.callAsRoot("POST", `/nodes/pve1/${kind}`, settings);
    expect(await simulator.taskEnd(data)).toBe("OK");

    const after = await configOf(guest);
    expect(after.net0).toMatch(/BC:24:11:/);
    for (const key of ["net0", "smbios1", "vmgenid", "meta"]) {
      if (before[key] !== undefined) expect(after[key]).not.toBe(before[key]);
    }
  });

  const lxcNet = "name=eth0,bridge=vmbr0";
});
