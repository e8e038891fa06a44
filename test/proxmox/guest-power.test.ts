import { Temporal } from "temporal-polyfill";
import { describe, expect, it } from "vitest";
import { createProxmox } from "#src/proxmox/proxmox.ts";
import type { SeedInput } from "#src/simulator/seed.ts";
import { useCluster } from "#test/support/cluster.ts";
import { errorOf, quickTiming, signal } from "#test/support/proxmox.ts";

const seed: SeedInput = {
  nodes: [{ name: "pve1" }, { name: "pve2" }, { name: "pve3" }],
  storages: [{ id: "local-lvm", content: "rootdir,images" }],
  guests: [
    { vmid: 101, kind: "lxc", name: "web-01", node: "pve1", status: "running" },
    { vmid: 103, kind: "lxc", name: "runner", node: "pve1", status: "stopped" },
    { vmid: 111, kind: "lxc", name: "wiki", node: "pve1", status: "stopped", lock: "backup" },
    { vmid: 112, kind: "lxc", name: "cloud", node: "pve2", status: "running", ha: true },
    { vmid: 201, kind: "qemu", name: "win", node: "pve2", status: "stopped" },
    { vmid: 203, kind: "qemu", name: "db", node: "pve3", status: "running" },
    { vmid: 9000, kind: "qemu", name: "tpl", node: "pve1", status: "stopped", template: true },
  ],
};

const cluster = useCluster(seed);
const { identify, statusOf } = cluster;
const options = { signal };
const writes = () => cluster.calls("POST", "PUT");

it("is not done when we were suspended after the last look at the guest", async () => {
  const start = Temporal.Instant.from("2026-11-21T12:00:00Z");
  let looks = 0;
  const clock = { now: () => start.add({ minutes: looks++ }) };
  const { power } = createProxmox({ client: cluster.client, clock, timing: quickTiming });
  const error = await errorOf(power.stop(await identify(101), options));
  expect(error.message).toContain("Too much time passed");
  expect(writes()).toEqual([]);
});

describe.each([
  ["a container", { stopped: 103, running: 101, prefix: "vz" }],
  ["a machine", { stopped: 201, running: 203, prefix: "qm" }],
])("%s", (_, { stopped, running, prefix }) => {
  it("is started", async () => {
    const outcome = await cluster.proxmox.power.start(await identify(stopped), options);
    expect(outcome).toMatchObject({
      kind: "done",
      upid: expect.stringContaining(`:${prefix}start:${stopped}:`),
    });
    expect(await statusOf(stopped)).toBe("running");
    expect(writes()).toHaveLength(1);
  });

  it("is shut down, never by force", async () => {
    const outcome = await cluster.proxmox.power.shutdown(await identify(running), options);
    expect(outcome).toMatchObject({
      kind: "done",
      upid: expect.stringContaining(`:${prefix}shutdown:${running}:`),
    });
    expect(writes()[0]?.input).toEqual({ timeout: "5" });
    expect(await statusOf(running)).toBe("stopped");
  });

  it("is stopped", async () => {
    const outcome = await cluster.proxmox.power.stop(await identify(running), options);
    expect(outcome).toMatchObject({
      kind: "done",
      upid: expect.stringContaining(`:${prefix}stop:${running}:`),
    });
    expect(writes()[0]?.input).toEqual({});
    expect(await statusOf(running)).toBe("stopped");
  });

  it("is rebooted by a shutdown and a start, never by Proxmox's own reboot", async () => {
    const outcome = await cluster.proxmox.power.reboot(await identify(running), options);
    expect(outcome).toMatchObject({
      kind: "done",
      upid: expect.stringContaining(`:${prefix}start:${running}:`),
    });
    expect(writes().map(({ path }) => path.split("/").at(-1))).toEqual(["shutdown", "start"]);
    expect(await statusOf(running)).toBe("running");
  });

  it("tells each of its tasks", async () => {
    const heard = new Set<string>();
    const onTask = async (upid: string) => void heard.add(upid.split(":")[5] ?? "");
    await cluster.proxmox.power.reboot(await identify(running), { signal, onTask });
    expect([...heard]).toEqual([`${prefix}shutdown`, `${prefix}start`]);
  });

  it("is left alone where it is as wanted", async () => {
    const { power } = cluster.proxmox;
    const outcomes = [
      await power.start(await identify(running), options),
      await power.shutdown(await identify(stopped), options),
      await power.stop(await identify(stopped), options),
    ];
    expect(outcomes.map(({ kind }) => kind)).toEqual(["unchanged", "unchanged", "unchanged"]);
    expect(writes()).toEqual([]);
  });

  it("that is stopped is not rebooted", async () => {
    const error = await errorOf(cluster.proxmox.power.reboot(await identify(stopped), options));
    expect(error.kind).toBe("wrong-state");
    expect(error.message).toContain("start it instead");
    expect(writes()).toEqual([]);
  });

  it("that ignores the shutdown keeps running, and is told to", async () => {
    cluster.controls.guest({ vmid: running, unresponsive: true });
    const error = await errorOf(cluster.proxmox.power.shutdown(await identify(running), options));
    expect(error).toMatchObject({ kind: "task-failed", upid: expect.stringMatching(/^UPID:/) });
    expect(error.message).toContain("did not shut down in time and still runs");
    expect(await statusOf(running)).toBe("running");
  });

  it("that ignores the shutdown is not killed by a reboot", async () => {
    cluster.controls.guest({ vmid: running, unresponsive: true });
    const error = await errorOf(cluster.proxmox.power.reboot(await identify(running), options));
    expect(error.kind).toBe("task-failed");
    expect(writes()).toHaveLength(1);
    expect(await statusOf(running)).toBe("running");
  });

  it("that somebody else changed meanwhile is unchanged", async () => {
    const identity = await identify(stopped);
    const reason = `${prefix === "vz" ? "CT" : "VM"} ${stopped} already running`;
    cluster.controls.taskEnding({ type: `${prefix}start`, exitStatus: reason });
    expect(await cluster.proxmox.power.start(identity, options)).toMatchObject({
      kind: "unchanged",
    });
  });
});

describe("a change", () => {
  it("is refused for another guest than the one that was meant", async () => {
    const other = { ...(await identify(101)), fingerprint: "ct:0" };
    for (const act of ["start", "shutdown", "stop", "reboot"] as const) {
      expect(await errorOf(cluster.proxmox.power[act](other, options))).toMatchObject({
        kind: "changed-guest",
      });
    }
    expect(writes()).toEqual([]);
  });

  it("follows a guest to its new node", async () => {
    const identity = await identify(103);
    cluster.controls.guest({ vmid: 103, node: "pve2" });
    expect(await cluster.proxmox.power.start(identity, options)).toMatchObject({
      kind: "done",
      upid: expect.stringMatching(/^UPID:pve2:/),
    });
  });

  it.each([
    ["a locked guest", 111, "locked"],
    ["a template", 9000, "template"],
  ])("of %s is refused before anything is sent", async (_, vmid, kind) => {
    expect(await errorOf(cluster.proxmox.power.start(await identify(vmid), options))).toMatchObject(
      {
        kind,
      },
    );
    expect(writes()).toEqual([]);
  });

  it("of a paused machine is refused, except to cut its power", async () => {
    cluster.controls.guest({ vmid: 203, status: "paused" });
    const identity = await identify(203);
    expect((await errorOf(cluster.proxmox.power.shutdown(identity, options))).kind).toBe(
      "wrong-state",
    );
    expect((await errorOf(cluster.proxmox.power.start(identity, options))).kind).toBe(
      "wrong-state",
    );
    expect(await cluster.proxmox.power.stop(identity, options)).toMatchObject({ kind: "done" });
  });

  it("without a quorum fails, and says so", async () => {
    cluster.controls.quorum({ quorate: false });
    const error = await errorOf(cluster.proxmox.power.start(await identify(103), options));
    expect(error.kind).toBe("no-quorum");
  });

  it("is done once, and found again, where its answer was lost", async () => {
    const identity = await identify(103);
    cluster.controls.fault({ method: "POST", action: { kind: "drop", when: "after" } });
    expect(await cluster.proxmox.power.start(identity, options)).toMatchObject({ kind: "done" });
    expect(writes()).toHaveLength(1);
  });

  it("is not called done while the guest's state says otherwise", async () => {
    cluster.controls.taskEnding({ type: "vzstart", exitStatus: "OK", acts: false });
    const error = await errorOf(cluster.proxmox.power.start(await identify(103), options));
    expect(error).toMatchObject({ kind: "wrong-state", upid: expect.stringMatching(/^UPID:/) });
    expect(error.message).toContain("is stopped instead of running");
  });

  it("is not said to be in a state that nobody looked at, when the waiting is given up", async () => {
    const { controls } = cluster.simulator;
    const path = "/nodes/pve1/lxc/103/status/current";
    const looks = () => controls.journal().filter((entry) => entry.path === path);
    const identity = await identify(103);
    controls.clearJournal();
    const waiting = new AbortController();
    // Told of while the task runs, so that the look that follows it gets no answer.
    const onProgress = () => controls.fault({ path, times: 9, action: { kind: "hang" } });
    const { signal } = waiting;
    const start = errorOf(cluster.proxmox.power.start(identity, { signal, onProgress }));
    await expect.poll(() => looks().length).toBe(2);
    waiting.abort();

    const error = await start;
    expect(error).toMatchObject({ upid: expect.stringMatching(/vzstart/) });
    expect(error.message).toContain("was not looked at any more");
  });

  it("is shown by the next listing, before the cluster's collector knows", async () => {
    await cluster.proxmox.power.start(await identify(103), options);
    const { guests } = await cluster.proxmox.guests.list(signal);
    expect(guests.find(({ vmid }) => vmid === 103)?.status).toBe("running");
  });

  it("tells how far it is", async () => {
    const progress: string[] = [];
    const onProgress = (message: string) => void progress.push(message);
    await cluster.proxmox.power.start(await identify(103), { signal, onProgress });
    expect(progress.at(-1)).toBe("TASK OK");
  });

  it("starts a guest again that it shut down for a reboot, also when nobody waits any more", async () => {
    const waiting = new AbortController();
    const reboot = cluster.proxmox.power.reboot(await identify(101), {
      signal: waiting.signal,
      onProgress: () => waiting.abort(),
    });

    expect(await reboot).toMatchObject({ kind: "done" });
    expect((await cluster.proxmox.guests.find("101", signal)).status).toBe("running");
  });

  it("says after a reboot's failed start that the guest is down", async () => {
    cluster.controls.taskEnding({ type: "vzstart", exitStatus: "no space left" });
    const error = await errorOf(cluster.proxmox.power.reboot(await identify(101), options));
    expect(error).toMatchObject({ kind: "task-failed", upid: expect.stringMatching(/vzstart/) });
    expect(error.message).toContain("shut down but did not start again");
  });
});

describe("a guest that high availability manages", () => {
  it("is followed beyond the task, which records the wish alone", async () => {
    const outcome = await cluster.proxmox.power.shutdown(await identify(112), options);
    expect(outcome).toMatchObject({ kind: "done", upid: expect.stringContaining(":hastop:112:") });
    expect(await statusOf(112)).toBe("stopped");
    expect(await cluster.proxmox.power.start(await identify(112), options)).toMatchObject({
      upid: expect.stringContaining(":hastart:112:"),
    });
    expect(await statusOf(112)).toBe("running");
  });

  it("is rebooted as any other", async () => {
    expect(await cluster.proxmox.power.reboot(await identify(112), options)).toMatchObject({
      kind: "done",
    });
    expect(await statusOf(112)).toBe("running");
  });

  it("is not called done where HA does not follow", async () => {
    const identity = await identify(112);
    cluster.controls.taskEnding({ type: "hastop", exitStatus: "OK", acts: false });
    expect((await errorOf(cluster.proxmox.power.shutdown(identity, options))).kind).toBe(
      "wrong-state",
    );
  });
});
