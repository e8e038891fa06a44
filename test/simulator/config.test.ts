import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { SeedInput } from "#src/simulator/seed.ts";
import { type RunningSimulator, startSimulator } from "#test/support/simulator.ts";

const seed: SeedInput = {
  nodes: [{ name: "pve1" }],
  storages: [{ id: "local-lvm", content: "rootdir,images" }],
  guests: [
    { vmid: 101, kind: "lxc", name: "ct", node: "pve1", status: "stopped", tags: ["a"] },
    { vmid: 201, kind: "qemu", name: "vm", node: "pve1", status: "running" },
  ],
};

let simulator: RunningSimulator;
beforeAll(async () => {
  simulator = await startSimulator(seed);
});
afterAll(() => simulator.stop());
beforeEach(() => simulator.controls.reset());

const put = (guest: string, form: Record<string, string>) =>
  simulator.callAsRoot("PUT", `/nodes/pve1/${guest}/config`, form);

async function configOf(guest: string): Promise<Record<string, unknown>> {
  const { data } = await simulator.call("GET", `/nodes/pve1/${guest}/config`);
  return data as Record<string, unknown>;
}

describe("a change of configuration", () => {
  it("sets, deletes, and changes the digest", async () => {
    const before = await configOf("lxc/101");

    await put("lxc/101", {
      tags: "x,y",
      protection: "1",
      memory: "1024",
      digest: `${before.digest}`,
    });
    const after = await configOf("lxc/101");
    expect(after).toMatchObject({ tags: "x;y", protection: 1, memory: 1024 });
    expect(after.digest).not.toBe(before.digest);

    await put("lxc/101", { delete: "tags,protection" });
    expect(await configOf("lxc/101")).not.toHaveProperty("tags");
  });

  it("with an old digest is refused", async () => {
    expect(await put("lxc/101", { tags: "x", digest: "0".repeat(40) })).toMatchObject({
      status: 500,
      message: "detected modified configuration - file changed by other user? Try again.\n",
    });
    expect(await configOf("lxc/101")).toMatchObject({ tags: "a" });
  });

  it("of a locked guest is refused", async () => {
    simulator.controls.guest({ vmid: 101, lock: "migrate" });

    expect(await put("lxc/101", { tags: "x" })).toMatchObject({
      message: "CT is locked (migrate)\n",
    });
  });

  it("needs the privilege of each setting", async () => {
    const grants = [{ path: "/vms", privileges: ["VM.Config.Options"] }];
    simulator.controls.token({ id: "few@pve!t", secret: "s", grants });
    const call = simulator.callAs({ tokenId: "few@pve!t", tokenSecret: "s" });
    const path = "/nodes/pve1/lxc/101/config";

    expect(await call("PUT", path, { tags: "x" })).toMatchObject({ status: 200 });
    expect(await call("PUT", path, { memory: "64" })).toMatchObject({
      message: "Permission check failed (/vms/101, VM.Config.Memory)\n",
    });
  });

  it("cannot lock a machine, but a container", async () => {
    expect(await put("lxc/101", { lock: "backup" })).toMatchObject({ status: 200 });
    expect(await put("qemu/201", { lock: "backup" })).toMatchObject({ status: 500 });
  });

  it("of a machine can be a task", async () => {
    const path = "/nodes/pve1/qemu/201/config";
    const { data } = await simulator.callAsRoot("POST", path, { tags: "x" });

    expect(data).toMatch(/:qmconfig:201:/);
    expect(await simulator.taskEnd(data)).toBe("OK");
    expect(await configOf("qemu/201")).toMatchObject({ tags: "x", memory: "512" });
  });
});

describe("snapshots", () => {
  const path = "/nodes/pve1/qemu/201/snapshot";
  const run = async (method: string, below: string, form?: Record<string, string>) =>
    simulator.taskEnd((await simulator.callAsRoot(method, `${path}${below}`, form)).data);
  const names = async () => {
    const { data } = await simulator.call("GET", path);
    return (data as { name: string; parent?: string }[]).map(({ name, parent }) => [name, parent]);
  };

  it("are made, listed with what they follow, and removed", async () => {
    await run("POST", "", { snapname: "one" });
    await run("POST", "", { snapname: "two", description: "second" });
    expect(await names()).toEqual([
      ["one", undefined],
      ["two", "one"],
      ["current", "two"],
    ]);

    expect(await run("DELETE", "/one")).toBe("OK");
    expect(await names()).toEqual([
      ["two", undefined],
      ["current", "two"],
    ]);
    expect(await run("DELETE", "/none")).toBe("snapshot 'none' does not exist");
  });

  it("bring back the configuration, in a new generation", async () => {
    await run("POST", "", { snapname: "one" });
    const before = await configOf("qemu/201");
    await put("qemu/201", { tags: "later" });

    expect(await run("POST", "/one/rollback")).toBe("OK");

    const after = await configOf("qemu/201");
    expect(after).not.toHaveProperty("tags");
    expect(after).toMatchObject({ meta: before.meta, smbios1: before.smbios1 });
    expect(after.vmgenid).not.toBe(before.vmgenid);
  });
});

describe("addresses", () => {
  it("of a container are known while it runs", async () => {
    const path = "/nodes/pve1/lxc/101/interfaces";
    expect(await simulator.call("GET", path)).toMatchObject({ status: 200, data: null });

    simulator.controls.guest({ vmid: 101, status: "running" });
    expect(await simulator.call("GET", path)).toMatchObject({
      data: [
        { name: "lo" },
        { name: "eth0", inet: expect.stringMatching(/^10\.10\.\d+\.\d+\/16$/) },
      ],
    });
  });

  it("of a machine come from its agent, if that answers", async () => {
    const path = "/nodes/pve1/qemu/201/agent/network-get-interfaces";
    expect(await simulator.call("GET", path)).toMatchObject({
      data: { result: [{ name: "lo" }, { name: "eth0", "ip-addresses": [{ prefix: 16 }] }] },
    });

    simulator.controls.guest({ vmid: 201, unresponsive: true });
    expect(await simulator.call("GET", path)).toMatchObject({
      status: 500,
      message: "QEMU guest agent is not running\n",
    });
    simulator.controls.guest({ vmid: 201, status: "stopped" });
    expect(await simulator.call("GET", path)).toMatchObject({ message: "VM 201 is not running\n" });
  });
});
