import { beforeEach, describe, expect, it } from "vitest";
import { taskStart } from "#src/proxmox/responses.ts";
import { createTasks, type Tasks } from "#src/proxmox/tasks.ts";
import { useCluster } from "#test/support/cluster.ts";
import { clientOf, errorOf, quickTiming, signal } from "#test/support/proxmox.ts";
import { smallSeed, startSimulator } from "#test/support/simulator.ts";

const cluster = useCluster();
let tasks: Tasks;

beforeEach(() => {
  tasks = createTasks({ client: cluster.client, timing: quickTiming.tasks });
});

const startMachine = () =>
  cluster.client.post("/nodes/pve1/qemu/200/status/start", taskStart, { signal });

const start = (send = startMachine) =>
  tasks.start({ node: "pve1", vmid: 200, types: ["qmstart", "hastart"], send }, signal);

const posts = () => cluster.controls.journal().filter(({ method }) => method === "POST");

describe("starting a task", () => {
  it("returns its UPID", async () => {
    expect(await start()).toMatch(/^UPID:pve1:.*:qmstart:200:/);
  });

  it("takes no other answer for a task", async () => {
    const error = await errorOf(start(async () => "OK"));
    expect(error).toMatchObject({ kind: "task-failed" });
    expect(error.message).toContain('"OK"');
  });

  it.each([
    ["the connection broke", { kind: "drop", when: "after" } as const],
    ["the proxy gave up", { kind: "answer", status: 596, when: "after" } as const],
  ])("finds the task when %s after it began, and sends nothing again", async (_, action) => {
    cluster.controls.fault({ method: "POST", action });
    const upid = await start();
    expect(upid).toMatch(/:qmstart:200:/);
    expect(await cluster.simulator.taskEnd(upid)).toBe("OK");
    expect(posts()).toHaveLength(1);
  });

  it("finds the task while it still runs, at the first look", async () => {
    await using lifelike = await startSimulator(smallSeed, { pace: 1 });
    const slow = clientOf(lifelike);
    const impatient = createTasks({ client: slow, timing: { searches: 1 } });
    const path = "/nodes/pve1/qemu/200/status/start";
    const send = () => slow.post(path, taskStart, { signal });
    lifelike.controls.fault({ method: "POST", action: { kind: "drop", when: "after" } });
    const call = { node: "pve1", vmid: 200, types: ["qmstart"], send };
    expect(await impatient.start(call, signal)).toMatch(/:qmstart:200:/);
    await slow.close();
  });

  it("leaves the outcome unknown when no task can be found", async () => {
    cluster.controls.fault({ method: "POST", action: { kind: "drop" } });
    expect(await errorOf(start())).toMatchObject({ kind: "outcome-unknown" });
    expect(posts()).toHaveLength(1);
  });

  it("takes nobody else's task for its own", async () => {
    cluster.controls.fault({ method: "POST", action: { kind: "drop" } });
    const error = await errorOf(
      start(async () => {
        const failure = startMachine();
        await failure.catch(() => undefined);
        await cluster.simulator.callAsRoot("POST", "/nodes/pve1/qemu/200/status/start");
        return failure;
      }),
    );
    expect(error.kind).toBe("outcome-unknown");
  });
});

describe("following a task", () => {
  it("returns when it has ended well, telling each thing that it logged once", async () => {
    const progress: string[] = [];
    const parameters = { vmid: 101, storage: "local" };
    const upid = await cluster.client.post("/nodes/pve1/vzdump", taskStart, { parameters, signal });
    const end = await tasks.follow(upid, 5_000, {
      signal,
      onProgress: (message) => void progress.push(message),
    });
    expect(end).toEqual({ upid });
    expect(progress.at(-1)).toBe("TASK OK");
    expect(new Set(progress).size).toBe(progress.length);
  });

  it("hands its UPID on before the first look, also to who waits no longer", async () => {
    const upid = await start();
    const heard: string[] = [];
    const onTask = async (one: string) => void heard.push(one);
    const waiting = tasks.follow(upid, 5_000, { signal: AbortSignal.abort(), onTask });
    expect(await errorOf(waiting)).toMatchObject({ kind: "still-running", upid });
    expect(heard).toEqual([upid]);
  });

  it("hands its UPID on while the node cannot be asked", async () => {
    const upid = await start();
    const action = { kind: "answer", status: 595, reason: "No route to host" } as const;
    cluster.controls.fault({ path: "*/status", times: 4, action });
    let heard = 0;
    const onTask = async () => {
      heard += 1;
    };
    await tasks.follow(upid, 5_000, { signal, onTask });
    expect(heard).toBeGreaterThan(2);
  });

  it("counts warnings as success, and hands them on", async () => {
    cluster.controls.taskEnding({ type: "qmstart", exitStatus: "WARNINGS: 2", acts: true });
    const upid = await start();
    expect(await tasks.follow(upid, 5_000, { signal })).toEqual({ upid, warnings: "WARNINGS: 2" });
  });

  it.each([
    ["VM is locked (backup)", "locked"],
    ["no space left on device", "task-failed"],
    ["unexpected status", "outcome-unknown"],
  ])("tells the exit status %s apart", async (exitStatus, kind) => {
    cluster.controls.taskEnding({ type: "qmstart", exitStatus });
    const upid = await start();
    expect(await errorOf(tasks.follow(upid, 5_000, { signal }))).toMatchObject({ kind, upid });
  });

  it("gives up waiting after its deadline, and says that the task still runs", async () => {
    cluster.controls.fault({ path: "*/status", times: 100, action: running });
    const upid = "UPID:pve1:00000001:00000001:6B00CFB4:qmstart:200:assistant@pve!bot:";
    const error = await errorOf(tasks.follow(upid, 60, { signal }));
    expect(error).toMatchObject({ kind: "still-running", upid });
    expect(error.message).toBe(`Timed out after 0 s, the task still runs: ${upid}`);
  });

  it("stops waiting when aborted, without losing the UPID", async () => {
    cluster.controls.fault({ path: "*/status", times: 100, action: running });
    const controller = new AbortController();
    const upid = "UPID:pve1:00000001:00000001:6B00CFB4:qmstart:200:assistant@pve!bot:";
    const following = tasks.follow(upid, 10_000, { signal: controller.signal });
    setTimeout(() => controller.abort(), 30);
    expect(await errorOf(following)).toMatchObject({ kind: "still-running", upid });
  });

  it("goes on while the node cannot be asked", async () => {
    const upid = await start();
    const action = { kind: "answer", status: 595, reason: "No route to host" } as const;
    cluster.controls.fault({ path: "*/status", times: 4, action });
    expect(await tasks.follow(upid, 5_000, { signal })).toEqual({ upid });
  });

  it("knows no outcome of a task that Proxmox has forgotten", async () => {
    const upid = "UPID:pve1:00000001:00000001:6B00CFB4:qmstart:200:assistant@pve!bot:";
    const error = await errorOf(tasks.follow(upid, 5_000, { signal }));
    expect(error).toMatchObject({ kind: "outcome-unknown", upid });
    expect(error.message).toContain("no such task");
  });
});

const running = {
  kind: "answer",
  status: 200,
  contentType: "application/json",
  body: '{"data":{"status":"running"}}',
} as const;
