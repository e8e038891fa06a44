import { describe, expect, it } from "vitest";
import type { Begun } from "#src/proxmox/guest-changes.ts";
import { createProxmox } from "#src/proxmox/proxmox.ts";
import { pause } from "#src/proxmox/waiting.ts";
import type { SeedInput } from "#src/simulator/seed.ts";
import { clockAt } from "#test/support/clock.ts";
import { useCluster } from "#test/support/cluster.ts";
import { errorOf, quickTiming, signal } from "#test/support/proxmox.ts";

const seed: SeedInput = {
  nodes: [{ name: "pve1" }, { name: "pve2" }],
  storages: [{ id: "local-lvm", content: "rootdir,images" }],
  guests: [
    { vmid: 101, kind: "lxc", name: "web-01", node: "pve1", status: "running" },
    { vmid: 103, kind: "lxc", name: "runner", node: "pve1", status: "stopped" },
    { vmid: 111, kind: "lxc", name: "wiki", node: "pve1", status: "running", lock: "backup" },
    { vmid: 201, kind: "qemu", name: "win", node: "pve2", status: "stopped" },
    { vmid: 203, kind: "qemu", name: "db", node: "pve2", status: "running" },
  ],
};

const cluster = useCluster(seed);
const { identify, statusOf } = cluster;
const posts = () => cluster.calls("POST");
const preparation = () => cluster.proxmox.preparation;

function upidOf(begun: Begun): string {
  if (begun.kind === "begun") return begun.upid;
  throw new Error("Nothing was begun.");
}

async function endOf(upid: string) {
  for (;;) {
    const state = await preparation().look(upid, signal);
    if (state.kind !== "running") return state;
    await pause(2, signal);
  }
}

describe.each([
  ["a container", { running: 101, stopped: 103, prefix: "vz" }],
  ["a machine", { running: 203, stopped: 201, prefix: "qm" }],
])("%s", (_, { running, stopped, prefix }) => {
  it("begins to shut down, and Proxmox gives up after the given time", async () => {
    const begun = await preparation().beginShutdown(await identify(running), 30, { signal });
    expect(upidOf(begun)).toContain(`:${prefix}shutdown:${running}:`);
    expect(posts().map(({ input }) => input)).toEqual([{ timeout: "30" }]);
    expect(await endOf(upidOf(begun))).toEqual({ kind: "ended", ok: true, exitStatus: "OK" });
    expect(await statusOf(running)).toBe("stopped");
  });

  it("that does not obey still runs when the task has failed", async () => {
    cluster.controls.guest({ vmid: running, unresponsive: true });
    const begun = await preparation().beginShutdown(await identify(running), 1, { signal });
    expect(await endOf(upidOf(begun))).toMatchObject({ kind: "ended", ok: false });
    expect(await statusOf(running)).toBe("running");
  });

  it("is stopped", async () => {
    const begun = await preparation().beginStop(await identify(running), { signal });
    expect(await endOf(upidOf(begun))).toMatchObject({ ok: true });
    expect(posts().map(({ path }) => path.split("/").at(-1))).toEqual(["stop"]);
    expect(await statusOf(running)).toBe("stopped");
  });

  it("is started again", async () => {
    const begun = await preparation().beginStart(await identify(stopped), { signal });
    expect(await endOf(upidOf(begun))).toMatchObject({ ok: true });
    expect(await statusOf(stopped)).toBe("running");
  });

  it("is left alone where it is as wanted", async () => {
    const [down, up] = [await identify(stopped), await identify(running)];
    expect(await preparation().beginShutdown(down, 30, { signal })).toEqual({ kind: "unchanged" });
    expect(await preparation().beginStop(down, { signal })).toEqual({ kind: "unchanged" });
    expect(await preparation().beginStart(up, { signal })).toEqual({ kind: "unchanged" });
    expect(posts()).toEqual([]);
  });

  it("is not started while it still runs and is being shut down: the task is told", async () => {
    cluster.controls.slowTask({ type: `${prefix}shutdown`, ms: 60_000 });
    const guest = await identify(running);
    const begun = await preparation().beginShutdown(guest, 120, { signal });
    const upid = upidOf(begun);
    expect(await preparation().beginStart(guest, { signal })).toEqual({ kind: "stopping", upid });
    await endOf(upid);
    expect(upidOf(await preparation().beginStart(guest, { signal }))).toContain(`${prefix}start:`);
  });

  it("is not shut down twice by a process that forgot that it began", async () => {
    cluster.controls.slowTask({ type: `${prefix}shutdown`, ms: 20_000 });
    const identity = await identify(running);
    const first = await preparation().beginShutdown(identity, 30, { signal });
    expect(await preparation().beginShutdown(identity, 30, { signal })).toEqual(first);
    expect(posts()).toHaveLength(1);
  });

  it("begins anew when the task before has ended", async () => {
    cluster.controls.taskEnding({ type: `${prefix}shutdown`, exitStatus: "got timeout" });
    const identity = await identify(running);
    const first = upidOf(await preparation().beginShutdown(identity, 30, { signal }));
    await endOf(first);
    expect(upidOf(await preparation().beginShutdown(identity, 30, { signal }))).not.toBe(first);
  });
});

describe("a step", () => {
  it("is not taken for another guest than the one identified", async () => {
    const other = { ...(await identify(101)), fingerprint: "ct:0" };
    const steps = [
      preparation().beginShutdown(other, 30, { signal }),
      preparation().beginStop(other, { signal }),
      preparation().beginStart(other, { signal }),
    ];
    const kinds = (await Promise.all(steps.map(errorOf))).map(({ kind }) => kind);
    expect(kinds).toEqual(["changed-guest", "changed-guest", "changed-guest"]);
    expect(posts()).toEqual([]);
  });

  it("is not taken while the guest is locked", async () => {
    const error = await errorOf(preparation().beginStop(await identify(111), { signal }));
    expect(error.kind).toBe("locked");
    expect(posts()).toEqual([]);
  });

  it("is nothing where somebody else was faster", async () => {
    const identity = await identify(101);
    const action = { kind: "answer", status: 500, reason: "CT 101 not running" } as const;
    cluster.controls.fault({ method: "POST", action });
    expect(await preparation().beginStop(identity, { signal })).toEqual({ kind: "unchanged" });
  });
});

describe("whoever takes a step", () => {
  const stop = async (guard: () => void) =>
    preparation().beginStop(await identify(101), { signal, guard });

  it("may stop it last, when nothing but the request is left", async () => {
    const stopping = stop(() => {
      throw new Error("the lease is lost");
    });
    await expect(stopping).rejects.toThrow("the lease is lost");
    expect(cluster.calls("GET").at(-1)?.path).toBe("/nodes/pve1/tasks");
    expect(posts()).toEqual([]);
  });

  it("takes none when suspended after the last look at the guest", async () => {
    const clock = clockAt("2026-11-21T12:00:00Z");
    const { client } = cluster;
    const suspended = createProxmox({ client, clock, timing: quickTiming }).preparation;
    const guard = () => clock.advance({ minutes: 1 });
    const error = await errorOf(suspended.beginStop(await identify(101), { signal, guard }));
    expect(error.message).toContain("Too much time passed");
    expect(posts()).toEqual([]);
  });
});

describe("a look at a task", () => {
  const begin = async () => upidOf(await preparation().beginStop(await identify(101), { signal }));

  it("tells that it runs", async () => {
    cluster.controls.slowTask({ type: "vzstop", ms: 60_000 });
    expect(await preparation().look(await begin(), signal)).toEqual({ kind: "running" });
  });

  it("takes warnings for success", async () => {
    cluster.controls.taskEnding({ type: "vzstop", exitStatus: "WARNINGS: 2", acts: true });
    expect(await endOf(await begin())).toMatchObject({ ok: true, exitStatus: "WARNINGS: 2" });
  });

  it("tells what went wrong", async () => {
    cluster.controls.taskEnding({ type: "vzstop", exitStatus: "lxc-stop failed" });
    expect(await endOf(await begin())).toMatchObject({ ok: false, exitStatus: "lxc-stop failed" });
  });

  it.each([
    ["that Proxmox has forgotten", "UPID:pve1:00000001:00000001:6B00CFB4:vzstop:101:a@pve!b:"],
    ["of which the id is none", "OK"],
  ])("knows nothing of one %s", async (_, upid) => {
    expect(await preparation().look(upid, signal)).toMatchObject({ kind: "unknown" });
  });

  it("throws while its node is away", async () => {
    const upid = await begin();
    cluster.controls.node({ node: "pve1", online: false });
    const error = await errorOf(preparation().look(upid, signal));
    expect(error.kind).toBe("node-unreachable");
  });
});
