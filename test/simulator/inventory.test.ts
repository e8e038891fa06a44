import { Temporal } from "temporal-polyfill";
import { afterEach, describe, expect, it } from "vitest";
import { largeSeed } from "#test/support/large-seed.ts";
import { type RunningSimulator, smallSeed, startSimulator } from "#test/support/simulator.ts";

let simulator: RunningSimulator;
afterEach(() => simulator.stop());

type Row = Readonly<Record<string, unknown>>;

async function resource(vmid: number): Promise<Row | undefined> {
  const { data } = await simulator.call("GET", "/cluster/resources", { type: "vm" });
  return (data as Row[]).find((row) => row.vmid === vmid);
}

async function create(vmid: number): Promise<void> {
  const form = { vmid: String(vmid), ostemplate: "local:vztmpl/debian.tar.zst", hostname: "new" };
  const { data } = await simulator.callAsRoot("POST", "/nodes/pve1/lxc", form);
  expect(await simulator.taskEnd(data)).toBe("OK");
}

describe("cluster/resources", () => {
  it("shows the state of the last report, and everything else as it is", async () => {
    simulator = await startSimulator();
    const { data } = await simulator.call("POST", "/nodes/pve1/qemu/200/status/start");
    await simulator.taskEnd(data);
    await simulator.callAsRoot("PUT", "/nodes/pve1/qemu/200/config", { tags: "fresh", name: "x" });

    expect(await resource(200)).toMatchObject({ status: "stopped", name: "vm1", tags: "fresh" });

    simulator.controls.collect();
    expect(await resource(200)).toMatchObject({ status: "running", name: "x" });
  });

  it("reports by itself from time to time", async () => {
    simulator = await startSimulator(smallSeed, { collectEveryMs: 20 });
    const { data } = await simulator.call("POST", "/nodes/pve1/qemu/200/status/start");
    await simulator.taskEnd(data);

    await expect.poll(async () => (await resource(200))?.status).toBe("running");
  });

  it("has no name for a guest that was just made", async () => {
    simulator = await startSimulator();
    await create(105);

    const found = await resource(105);
    expect(found).toMatchObject({ id: "lxc/105", node: "pve1", status: "unknown" });
    expect(found).not.toHaveProperty("name");
  });

  it("follows a migration at once", async () => {
    simulator = await startSimulator({ ...smallSeed, nodes: [{ name: "pve1" }, { name: "pve2" }] });
    simulator.controls.guest({ vmid: 101, node: "pve2" });

    expect(await resource(101)).toMatchObject({ node: "pve2" });
    expect(await simulator.call("GET", "/nodes/pve1/lxc/101/config")).toMatchObject({
      status: 500,
      message: "Configuration file 'nodes/pve1/lxc/101.conf' does not exist\n",
    });
    const { data } = await simulator.call("GET", "/nodes/pve2/storage/local/content");
    expect(data).toMatchObject([{ vmid: 101 }]);
  });

  it("believes a node that is away for five minutes", async () => {
    let now = Temporal.Instant.from("2026-11-21T12:00:00Z");
    const seed = { ...smallSeed, nodes: [{ name: "pve1" }, { name: "pve2" }] };
    simulator = await startSimulator(seed, { clock: { now: () => now } });
    simulator.controls.node({ node: "pve1", online: false });

    now = now.add({ minutes: 4 });
    simulator.controls.collect();
    expect(await resource(101)).toMatchObject({ status: "running", name: "web1" });

    now = now.add({ minutes: 2 });
    expect(await resource(101)).toMatchObject({ status: "unknown" });
    expect(await resource(101)).not.toHaveProperty("name");
  });

  it("answers for ten thousand guests in one short call", async () => {
    simulator = await startSimulator(largeSeed(10_000));
    const startedAt = performance.now();

    const { data } = await simulator.call("GET", "/cluster/resources", { type: "vm" });

    expect(data).toHaveLength(10_000);
    expect(performance.now() - startedAt).toBeLessThan(3000);
  });
});

describe("nodes that are away", () => {
  const seed = { ...smallSeed, nodes: [{ name: "pve1" }, { name: "pve2" }] };

  it("cannot be asked anything, while the others answer for the cluster", async () => {
    simulator = await startSimulator(seed);
    simulator.controls.node({ node: "pve2", online: false, reason: "No route to host" });

    const reply = await simulator.call("GET", "/nodes/pve2/status");
    expect(reply).toMatchObject({ status: 595, reason: "No route to host", text: "" });
    const { data } = await simulator.call("GET", "/cluster/status");
    expect(data).toContainEqual(expect.objectContaining({ name: "pve2", online: 0 }));
  });

  it("lose the tasks that ran there", async () => {
    simulator = await startSimulator(seed, { pace: 1 });
    const { data } = await simulator.call("POST", "/nodes/pve1/qemu/200/status/start");
    simulator.controls.node({ node: "pve1", online: false });
    simulator.controls.node({ node: "pve1", online: true });

    expect(await simulator.taskEnd(data)).toBe("unexpected status");
  });
});

describe("nextid", () => {
  it("hands out the lowest free VMID, a freed one first", async () => {
    simulator = await startSimulator();
    await create(100);
    await create(102);
    expect(await simulator.call("GET", "/cluster/nextid")).toMatchObject({ data: "103" });

    const { data } = await simulator.call("DELETE", "/nodes/pve1/lxc/100");
    await simulator.taskEnd(data);
    expect(await simulator.call("GET", "/cluster/nextid")).toMatchObject({ data: "100" });
  });

  it("tells whether a VMID is taken", async () => {
    simulator = await startSimulator();

    expect(await simulator.call("GET", "/cluster/nextid", { vmid: "101" })).toMatchObject({
      status: 400,
      errors: { vmid: "VM 101 already exists" },
    });
    expect(await simulator.call("GET", "/cluster/nextid", { vmid: "999" })).toMatchObject({
      data: "999",
    });
  });
});

it("has no row for the cluster on a node of its own", async () => {
  simulator = await startSimulator();

  const { data } = await simulator.call("GET", "/cluster/status");
  expect((data as Row[]).map(({ type }) => type)).toEqual(["node"]);
});
