import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SeedInput } from "#src/simulator/seed.ts";
import { type ApiReply, type RunningSimulator, startSimulator } from "#test/support/simulator.ts";

const seed: SeedInput = {
  nodes: [{ name: "pve1" }],
  storages: [{ id: "local", content: "rootdir,images,backup" }],
  guests: [
    { vmid: 101, kind: "lxc", name: "a", node: "pve1", status: "stopped" },
    { vmid: 102, kind: "lxc", name: "b", node: "pve1", status: "running" },
  ],
};

let simulator: RunningSimulator;
beforeEach(async () => {
  simulator = await startSimulator(seed);
});
afterEach(() => simulator.stop());

interface Grant {
  readonly path: string;
  readonly privileges: string[];
  readonly propagate?: boolean;
}

/** Calls with a token of its own; `userToo: false` leaves its user without anything. */
function callWith(grants: Grant[], { userToo = true, separated = true } = {}) {
  const token = { tokenId: "other@pve!t", tokenSecret: "s" };
  simulator.controls.token({ id: token.tokenId, secret: "s", grants, userToo, separated });
  return simulator.callAs(token);
}

function listed({ data }: ApiReply): unknown[] {
  return (data as { vmid: number }[]).map(({ vmid }) => vmid);
}

describe("privileges", () => {
  it("are missing with the path and the privilege named, whether the guest exists or not", async () => {
    const call = callWith([]);

    for (const vmid of [101, 999]) {
      expect(await call("GET", `/nodes/pve1/lxc/${vmid}/config`)).toMatchObject({
        status: 403,
        reason: `Permission check failed (/vms/${vmid}, VM.Audit)`,
        message: `Permission check failed (/vms/${vmid}, VM.Audit)\n`,
      });
    }
  });

  it("on a deeper path replace the inherited ones", async () => {
    const call = callWith([
      { path: "/", privileges: ["VM.Audit"] },
      { path: "/vms/101", privileges: ["VM.Allocate"] },
    ]);

    expect(listed(await call("GET", "/cluster/resources", { type: "vm" }))).toEqual([102]);
    expect(await call("DELETE", "/nodes/pve1/lxc/101")).toMatchObject({ status: 200 });
  });

  it("hold on their own path alone when they do not propagate", async () => {
    const call = callWith([{ path: "/vms", privileges: ["VM.Audit"], propagate: false }]);

    expect(listed(await call("GET", "/cluster/resources", { type: "vm" }))).toEqual([]);
    expect(await call("GET", "/access/permissions", { path: "/vms" })).toMatchObject({
      data: { "/vms": { "VM.Audit": 1 } },
    });
  });

  it("of a separated token end where its user's do: empty lists, no error", async () => {
    const call = callWith([{ path: "/", privileges: ["VM.Audit"] }], { userToo: false });

    expect(await call("GET", "/cluster/resources")).toMatchObject({ status: 200 });
    expect(listed(await call("GET", "/nodes/pve1/lxc"))).toEqual([]);
    expect((await call("GET", "/access/permissions")).data).toEqual({});
  });

  it("on a pool hold for its guests", async () => {
    await simulator.callAsRoot("POST", "/pools", { poolid: "dev" });
    await simulator.callAsRoot("PUT", "/pools", { poolid: "dev", vms: "101" });
    const call = callWith([{ path: "/pool/dev", privileges: ["VM.Audit", "Pool.Audit"] }]);

    expect(listed(await call("GET", "/nodes/pve1/lxc"))).toEqual([101]);
    expect(await call("GET", "/pools", { poolid: "dev" })).toMatchObject({
      data: [{ poolid: "dev", members: [{ vmid: 101 }] }],
    });
  });
});

describe("tasks of others", () => {
  it("are hidden from who lacks Sys.Audit, and shown to who has it", async () => {
    const { data: upid } = await simulator.call("POST", "/nodes/pve1/lxc/101/status/start");
    await simulator.taskEnd(upid);
    const path = `/nodes/pve1/tasks/${encodeURIComponent(String(upid))}/status`;

    const blind = callWith([{ path: "/vms", privileges: ["VM.Audit"] }]);
    expect(await blind("GET", path)).toMatchObject({
      status: 403,
      message: "Permission check failed (/nodes/pve1, Sys.Audit)\n",
    });
    expect(await blind("GET", "/nodes/pve1/tasks")).toMatchObject({ data: [], total: 0 });
    expect(await blind("GET", "/cluster/tasks")).toMatchObject({ data: [] });

    const seeing = callWith([{ path: "/", privileges: ["Sys.Audit"] }]);
    expect(await seeing("GET", "/nodes/pve1/tasks")).toMatchObject({ data: [{ upid }], total: 1 });
  });
});

describe("the list of tasks", () => {
  it("is filtered by guest, type, time, outcome and source", async () => {
    const start = (vmid: number) => simulator.call("POST", `/nodes/pve1/lxc/${vmid}/status/start`);
    const { data: ended } = await start(101);
    const { data: failed } = await start(999);
    await simulator.taskEnd(ended);
    simulator.controls.guest({ vmid: 102, unresponsive: true });
    const timeout = { timeout: "600" };
    const shutdown = "/nodes/pve1/lxc/102/status/shutdown";
    const { data: running } = await simulator.call("POST", shutdown, timeout);

    const upids = async (filter: Record<string, string>) => {
      const { data } = await simulator.call("GET", "/nodes/pve1/tasks", filter);
      return (data as { upid: string }[]).map(({ upid }) => upid);
    };
    expect(await upids({})).toEqual([failed, ended]);
    expect(await upids({ source: "active" })).toEqual([running]);
    expect(await upids({ source: "all" })).toEqual([running, failed, ended]);
    expect(await upids({ vmid: "101" })).toEqual([ended]);
    expect(await upids({ errors: "1" })).toEqual([failed]);
    expect(await upids({ statusfilter: "ok" })).toEqual([ended]);
    expect(await upids({ typefilter: "vzdestroy" })).toEqual([]);
    expect(await upids({ since: "9999999999" })).toEqual([]);
    expect(await upids({ limit: "1" })).toEqual([failed]);
  });

  it("lets a running task be stopped", async () => {
    simulator.controls.guest({ vmid: 102, unresponsive: true });
    const form = { timeout: "600" };
    const { data } = await simulator.call("POST", "/nodes/pve1/lxc/102/status/shutdown", form);
    await simulator.call("DELETE", `/nodes/pve1/tasks/${encodeURIComponent(String(data))}`);

    expect(await simulator.taskEnd(data)).toBe("received interrupt");
  });
});
