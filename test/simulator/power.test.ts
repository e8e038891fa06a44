import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { SeedInput } from "#src/simulator/seed.ts";
import { type RunningSimulator, startSimulator } from "#test/support/simulator.ts";

const seed: SeedInput = {
  nodes: [{ name: "pve1" }, { name: "pve2" }],
  storages: [{ id: "local", content: "rootdir,images" }],
  guests: [
    { vmid: 101, kind: "lxc", name: "running-ct", node: "pve1", status: "running" },
    { vmid: 102, kind: "lxc", name: "stopped-ct", node: "pve1", status: "stopped" },
    { vmid: 201, kind: "qemu", name: "running-vm", node: "pve1", status: "running" },
    { vmid: 202, kind: "qemu", name: "stopped-vm", node: "pve1", status: "stopped" },
    { vmid: 301, kind: "lxc", name: "tpl", node: "pve1", status: "stopped", template: true },
    { vmid: 302, kind: "qemu", name: "locked", node: "pve1", status: "running", lock: "backup" },
  ],
};

let simulator: RunningSimulator;
beforeAll(async () => {
  simulator = await startSimulator(seed);
});
afterAll(() => simulator.stop());
beforeEach(() => simulator.controls.reset());

const paths = { 101: "lxc/101", 102: "lxc/102", 201: "qemu/201", 202: "qemu/202" } as const;
type Vmid = keyof typeof paths;

function power(vmid: Vmid, verb: string, form?: Record<string, string>) {
  return simulator.call("POST", `/nodes/pve1/${paths[vmid]}/status/${verb}`, form);
}

/** How the task ended that the call started. */
async function outcome(vmid: Vmid, verb: string, form?: Record<string, string>) {
  const { data } = await power(vmid, verb, form);
  return simulator.taskEnd(data);
}

async function statusOf(vmid: Vmid): Promise<unknown> {
  const { data } = await simulator.call("GET", `/nodes/pve1/${paths[vmid]}/status/current`);
  return (data as { status: string }).status;
}

describe("start", () => {
  it.each([102, 202] as const)("starts guest %i", async (vmid) => {
    expect(await outcome(vmid, "start")).toBe("OK");
    expect(await statusOf(vmid)).toBe("running");
  });

  it("takes its time", async () => {
    await using slow = await startSimulator(seed, { pace: 1 });
    const { data } = await slow.call("POST", "/nodes/pve1/lxc/102/status/start");

    const path = `/nodes/pve1/tasks/${encodeURIComponent(String(data))}/status`;
    expect(await slow.call("GET", path)).toMatchObject({ data: { status: "running" } });
    expect(await slow.call("GET", "/nodes/pve1/lxc/102/status/current")).toMatchObject({
      data: { status: "stopped" },
    });
  });

  it("refuses a running container at once, a running machine late", async () => {
    expect(await power(101, "start")).toMatchObject({
      status: 500,
      message: "CT 101 already running\n",
    });
    expect(await outcome(201, "start")).toBe("VM 201 already running");
  });

  it("fails late for a guest of another node", async () => {
    const { status, data } = await simulator.call("POST", "/nodes/pve2/lxc/102/status/start");

    expect(status).toBe(200);
    expect(await simulator.taskEnd(data)).toBe(
      "Configuration file 'nodes/pve2/lxc/102.conf' does not exist",
    );
  });

  it("fails late for a template", async () => {
    const { data } = await simulator.call("POST", "/nodes/pve1/lxc/301/status/start");

    expect(await simulator.taskEnd(data)).toMatch(/template/);
  });
});

describe("stop and shutdown", () => {
  it.each(["stop", "shutdown"])("of a stopped guest: %s fails for a CT only", async (verb) => {
    expect(await power(102, verb)).toMatchObject({ status: 500, message: "CT 102 not running\n" });
    expect(await outcome(202, verb)).toBe("OK");
  });

  it.each([101, 201] as const)("guest %i obeys a shutdown", async (vmid) => {
    expect(await outcome(vmid, "shutdown")).toBe("OK");
    expect(await statusOf(vmid)).toBe("stopped");
  });

  it.each([
    [101, "container did not stop"],
    [201, "VM quit/powerdown failed - got timeout"],
  ] as const)("guest %i goes on running when it ignores a shutdown", async (vmid, exitStatus) => {
    simulator.controls.guest({ vmid, unresponsive: true });

    expect(await outcome(vmid, "shutdown", { timeout: "2" })).toBe(exitStatus);
    expect(await statusOf(vmid)).toBe("running");
  });

  it("kills after the timeout when told to", async () => {
    simulator.controls.guest({ vmid: 201, unresponsive: true });

    expect(await outcome(201, "shutdown", { timeout: "2", forceStop: "1" })).toBe("OK");
    expect(await statusOf(201)).toBe("stopped");
  });

  it("refuses to shut down a paused machine", async () => {
    simulator.controls.guest({ vmid: 201, status: "paused" });

    const { data } = await simulator.call("GET", "/nodes/pve1/qemu/201/status/current");
    expect(data).toMatchObject({ status: "running", qmpstatus: "paused" });
    expect(await outcome(201, "shutdown")).toBe("VM is paused - cannot shutdown");
  });

  it("fails late for a locked machine", async () => {
    const { data } = await simulator.call("POST", "/nodes/pve1/qemu/302/status/stop");

    expect(await simulator.taskEnd(data)).toBe("VM is locked (backup)");
  });

  it("keeps skiplock for root's own hands", async () => {
    expect(await power(101, "stop", { skiplock: "1" })).toMatchObject({
      status: 400,
      errors: { skiplock: "Only root may use this option." },
    });
  });
});

describe("a stop while a shutdown waits", () => {
  it("gives up on the guest's lock", async () => {
    simulator.controls.guest({ vmid: 201, unresponsive: true });
    await power(201, "shutdown", { timeout: "600" });

    expect(await outcome(201, "stop")).toBe(
      "can't lock file '/var/lock/qemu-server/lock-201.conf' - got timeout",
    );
  });

  it("ends the shutdown when it may overrule it", async () => {
    simulator.controls.guest({ vmid: 201, unresponsive: true });
    const { data: shutdown } = await power(201, "shutdown", { timeout: "600" });

    expect(await outcome(201, "stop", { "overrule-shutdown": "1" })).toBe("OK");
    expect(await simulator.taskEnd(shutdown)).toBe("received interrupt");
    expect(await statusOf(201)).toBe("stopped");
  });
});

describe("reboot", () => {
  it("kills a container that does not obey, and starts it", async () => {
    simulator.controls.guest({ vmid: 101, unresponsive: true });

    expect(await outcome(101, "reboot", { timeout: "2" })).toBe("OK");
    expect(await statusOf(101)).toBe("running");
  });

  it("fails for a machine that does not obey, which goes on running", async () => {
    simulator.controls.guest({ vmid: 201, unresponsive: true });

    expect(await outcome(201, "reboot", { timeout: "2" })).toMatch(/got timeout$/);
    expect(await statusOf(201)).toBe("running");
  });

  it("ends for a machine with the shutdown; the start comes after", async () => {
    await using slow = await startSimulator(seed, { pace: 0.2 });
    const status = async () => (await slow.call("GET", "/nodes/pve1/qemu/201/status/current")).data;
    const { data } = await slow.call("POST", "/nodes/pve1/qemu/201/status/reboot");

    expect(await slow.taskEnd(data)).toBe("OK");
    expect(await status()).toMatchObject({ status: "stopped" });
    await expect.poll(status).toMatchObject({ status: "running" });
  });

  it("refuses a guest that does not run", async () => {
    expect(await power(202, "reboot")).toMatchObject({ message: "VM 202 not running\n" });
  });
});
