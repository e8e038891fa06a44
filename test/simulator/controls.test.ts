import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type RunningSimulator, startSimulator } from "#test/support/simulator.ts";

let simulator: RunningSimulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.stop());
beforeEach(() => simulator.controls.reset());

const startVm = () => simulator.call("POST", "/nodes/pve1/qemu/200/status/start");
const vmStatus = async () =>
  (await simulator.call("GET", "/nodes/pve1/qemu/200/status/current")).data;

describe("a fault", () => {
  it("replaces the answer of as many requests as it is for", async () => {
    simulator.controls.fault({
      method: "GET",
      path: "/nodes/*/status",
      times: 2,
      action: { kind: "answer", status: 502, contentType: "text/html", body: "<h1>Bad</h1>" },
    });

    expect(await simulator.call("GET", "/version")).toMatchObject({ status: 200 });
    for (const status of [502, 502, 200]) {
      expect(await simulator.call("GET", "/nodes/pve1/status")).toMatchObject({ status });
    }
  });

  it("before the act leaves everything as it was", async () => {
    simulator.controls.fault({ method: "POST", action: { kind: "drop" } });

    await expect(startVm()).rejects.toThrow();
    expect(await simulator.call("GET", "/nodes/pve1/tasks", { source: "all" })).toMatchObject({
      data: [],
    });
  });

  it.each([
    ["a broken connection", { kind: "drop", when: "after" } as const],
    ["a proxy's timeout", { kind: "answer", status: 596, when: "after" } as const],
  ])("after the act hides that it was done: %s", async (_, action) => {
    simulator.controls.fault({ method: "POST", action });

    await startVm().catch(() => undefined);
    await expect.poll(vmStatus).toMatchObject({ status: "running" });
  });

  it("can keep the caller waiting, for a while or for ever", async () => {
    simulator.controls.fault({ action: { kind: "delay", ms: 60 } });
    const startedAt = performance.now();
    expect(await simulator.call("GET", "/version")).toMatchObject({ status: 200 });
    expect(performance.now() - startedAt).toBeGreaterThan(55);

    simulator.controls.fault({ action: { kind: "hang" } });
    const answer = simulator.call("GET", "/version").catch(() => "broken");
    const waited = new Promise((resolve) => setTimeout(() => resolve("waiting"), 50));
    expect(await Promise.race([answer, waited])).toBe("waiting");
  });
});

describe("a task's ending", () => {
  it.each([
    [false, "stopped"],
    [true, "running"],
  ])("is the one it was told, with acts: %s", async (acts, status) => {
    simulator.controls.taskEnding({ type: "qmstart", vmid: 200, exitStatus: "WARNINGS: 1", acts });

    const { data } = await startVm();
    expect(await simulator.taskEnd(data)).toBe("WARNINGS: 1");
    expect(await vmStatus()).toMatchObject({ status });
  });
});

describe("a slow task", () => {
  it.each([
    ["before", "stopped"],
    ["after", "running"],
  ] as const)("takes its time %s it acts", async (when, status) => {
    simulator.controls.slowTask({ type: "qmstart", vmid: 200, ms: 20_000, when });

    const { data } = await startVm();
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(await vmStatus()).toMatchObject({ status });
    const path = `/nodes/pve1/tasks/${encodeURIComponent(String(data))}/status`;
    expect(await simulator.call("GET", path)).toMatchObject({ data: { status: "running" } });

    expect(await simulator.taskEnd(data)).toBe("OK");
    expect(await vmStatus()).toMatchObject({ status: "running" });
  });
});

describe("a VMID that is used again", () => {
  const config = async (guest: string) =>
    (await simulator.call("GET", `/nodes/pve1/${guest}/config`)).data as Record<string, string>;

  it("belongs to another guest at once", async () => {
    const before = await config("lxc/101");
    simulator.controls.reuse({ vmid: 101, when: "now", name: "web1" });

    const after = await config("lxc/101");
    expect(after).toMatchObject({ hostname: "web1", rootfs: before.rootfs });
    expect(after.net0).not.toBe(before.net0);
    const { data } = await simulator.callAsRoot("GET", "/nodes/pve1/tasks", { source: "all" });
    expect(data).toMatchObject([
      { type: "vzcreate", user: "root@pam" },
      { type: "vzdestroy", user: "root@pam" },
    ]);
  });

  it("belongs to another guest as soon as it is free, once", async () => {
    const before = await config("qemu/200");
    simulator.controls.reuse({ vmid: 200, when: "freed", status: "running" });
    expect(await config("qemu/200")).toEqual(before);

    const destroyed = async () => {
      const { data } = await simulator.call("DELETE", "/nodes/pve1/qemu/200");
      return simulator.taskEnd(data);
    };
    expect(await destroyed()).toBe("OK");
    expect(await config("qemu/200")).toMatchObject({ name: "successor" });
    expect(await vmStatus()).toMatchObject({ status: "running" });
    simulator.controls.guest({ vmid: 200, status: "stopped" });
    expect(await destroyed()).toBe("OK");
    expect(await config("qemu/200")).toBeNull();
  });
});

describe("the clock", () => {
  const dateOf = async () => {
    const { headers } = await simulator.call("GET", "/version");
    return Date.parse(headers.get("date") ?? "");
  };

  it("dates answers and tasks, until the next reset", async () => {
    simulator.controls.clock({ aheadMs: 3_600_000 });
    const ahead = Date.now() + 3_600_000;
    expect(Math.abs((await dateOf()) - ahead)).toBeLessThan(30_000);
    const { data } = await startVm();
    const startedAt = Number.parseInt(String(data).split(":")[4] ?? "", 16) * 1000;
    expect(Math.abs(startedAt - ahead)).toBeLessThan(30_000);

    simulator.controls.reset();
    expect(Math.abs((await dateOf()) - Date.now())).toBeLessThan(30_000);
  });
});

it("a guest that somebody starts by hand has run since then", async () => {
  simulator.controls.guest({ vmid: 200, status: "running" });
  expect(await vmStatus()).toMatchObject({ status: "running", uptime: expect.any(Number) });
  const { uptime } = (await vmStatus()) as { uptime: number };
  expect(uptime).toBeLessThan(30);
});

describe("the journal", () => {
  it("tells who asked for what, and what was answered", async () => {
    await simulator.callAsRoot("PUT", "/nodes/pve1/lxc/101/config", { tags: "a;b" });
    await simulator.call("GET", "/nodes/pve1/lxc/999/config", { current: "1" });

    expect(simulator.controls.journal()).toEqual([
      {
        method: "PUT",
        path: "/nodes/pve1/lxc/101/config",
        input: { tags: "a;b" },
        caller: "root@pam!sandbox",
        status: 200,
      },
      {
        method: "GET",
        path: "/nodes/pve1/lxc/999/config",
        input: { current: "1" },
        caller: "assistant@pve!sandbox",
        status: 500,
      },
    ]);
  });
});

describe("a reset", () => {
  it("brings the seed back, with the identities it had", async () => {
    const config = async () => (await simulator.call("GET", "/nodes/pve1/lxc/101/config")).data;
    const before = await config();
    const { data } = await simulator.call("DELETE", "/nodes/pve1/lxc/101", { force: "1" });
    await simulator.taskEnd(data);
    expect(await config()).toBeNull();

    simulator.controls.reset();

    expect(await config()).toEqual(before);
    expect(await simulator.call("GET", "/nodes/pve1/tasks")).toMatchObject({ data: [] });
  });
});

describe("the admin route", () => {
  const post = (path: string, body: string, type = "application/json") =>
    fetch(`${simulator.url}/simulator/${path}`, {
      method: "POST",
      headers: { "content-type": type },
      body,
    });

  it.each([
    ["nodes", { node: "pve1", online: false }, "/nodes/pve1/status", 595],
    ["faults", { action: { kind: "answer", status: 503 } }, "/version", 503],
    ["quorum", { quorate: false }, "/cluster/status", 200],
    ["slow-tasks", { type: "vzstop", ms: 10 }, "/version", 200],
    ["reuse", { vmid: 101, when: "now" }, "/version", 200],
    ["clock", { aheadMs: 1000 }, "/version", 200],
  ])("does what the controls do: %s", async (command, body, path, status) => {
    expect((await post(command, JSON.stringify(body))).status).toBe(200);
    expect(await simulator.call("GET", path)).toMatchObject({ status });
  });

  it("shows the journal", async () => {
    await simulator.call("GET", "/version");

    const response = await fetch(`${simulator.url}/simulator/journal`);
    expect(await response.json()).toMatchObject({ data: [{ path: "/version" }] });
  });

  it("says what is wrong with a command", async () => {
    const response = await post("nodes", '{"node":"pve1","online":"no"}');

    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ message: expect.stringContaining("online") });
    expect((await post("nodes", '{"node":"pve9","online":true}')).status).toBe(400);
    expect((await post("nothing", "{}")).status).toBe(404);
  });

  it("takes no form, which any page in a browser could send", async () => {
    expect((await post("reset", "", "application/x-www-form-urlencoded")).status).toBe(415);
  });
});
