import { afterEach, beforeEach, expect, it } from "vitest";
import type { SeedInput } from "#src/simulator/seed.ts";
import { type RunningSimulator, startSimulator } from "#test/support/simulator.ts";

const seed: SeedInput = {
  nodes: [{ name: "pve1" }, { name: "pve2" }],
  storages: [{ id: "local", content: "rootdir" }],
  guests: [
    { vmid: 112, kind: "lxc", name: "managed", node: "pve1", status: "running", ha: true },
    { vmid: 113, kind: "lxc", name: "plain", node: "pve1", status: "stopped" },
  ],
};

let simulator: RunningSimulator;
beforeEach(async () => {
  simulator = await startSimulator(seed, { pace: 0.1 });
});
afterEach(() => simulator.stop());

const current = async () =>
  (await simulator.call("GET", "/nodes/pve1/lxc/112/status/current")).data;

it("ends a stop when the wish is recorded; the guest follows later", async () => {
  expect(await current()).toMatchObject({
    status: "running",
    ha: { managed: 1, state: "started" },
  });

  const { data } = await simulator.call("POST", "/nodes/pve1/lxc/112/status/shutdown");
  expect(data).toMatch(/:hastop:112:/);
  expect(await simulator.taskEnd(data)).toBe("OK");
  expect(await current()).toMatchObject({ status: "running" });

  await expect
    .poll(current)
    .toMatchObject({ status: "stopped", ha: { managed: 1, state: "stopped" } });
});

it("does not let a stop overrule a shutdown", async () => {
  const path = "/nodes/pve1/lxc/112/status/stop";

  expect(await simulator.call("POST", path, { "overrule-shutdown": "1" })).toMatchObject({
    status: 400,
    errors: { "overrule-shutdown": expect.any(String) },
  });
});

it("does nothing without quorum", async () => {
  const { data } = await simulator.call("POST", "/nodes/pve1/lxc/112/status/stop");
  simulator.controls.quorum({ quorate: false });
  await simulator.taskEnd(data);
  await new Promise((resolve) => setTimeout(resolve, 350));

  expect(await current()).toMatchObject({ status: "running" });
});

it("takes a guest in, and shows what it makes of it", async () => {
  await simulator.callAsRoot("POST", "/cluster/ha/resources", { sid: "ct:113" });

  const { data } = await simulator.call("GET", "/cluster/resources", { type: "vm" });
  expect(data).toContainEqual(expect.objectContaining({ vmid: 113, hastate: "queued" }));
  const status = async () => (await simulator.call("GET", "/cluster/ha/status/current")).data;
  await expect
    .poll(status)
    .toContainEqual(expect.objectContaining({ sid: "ct:113", state: "started", node: "pve1" }));
});

it("is for those who may use the console", async () => {
  const form = { sid: "ct:113" };

  expect(await simulator.call("POST", "/cluster/ha/resources", form)).toMatchObject({
    message: "Permission check failed (/, Sys.Console)\n",
  });
});
